"""What upstreams tell of themselves."""

from collections.abc import Iterable, Iterator

from fedresolver.status.documents import Upstream
from fedresolver.upstream.forwarding.forwarder import Forwarder
from fedresolver.wire.name import to_text

_LOOPS = "loops"


def told(forwarders: Iterable[Forwarder]) -> Iterator[Upstream]:
    """Yield all upstreams and how they stand."""
    for forwarder in forwarders:
        for one in forwarder.upstreams:
            state = _LOOPS if one.looping else one.state.value
            yield Upstream(to=one.name, zone=to_text(one.zone), state=state)

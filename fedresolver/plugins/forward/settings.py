"""What `forward FROM TO... { ... }` in the Corefile may say."""

import msgspec

from fedresolver.upstream.forwarding.forwarder import Conduct
from fedresolver.upstream.forwarding.upstream import Terms
from fedresolver.upstream.target import Target
from fedresolver.wire.name import Name


class Tls(msgspec.Struct, frozen=True):
    """The files of `tls [CERT KEY] [CA]`, empty where none is given."""

    cert: str = ""
    key: str = ""
    ca: str = ""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One stanza: names in `zones`, but for those in `excluded`, are asked of `targets`.

    An answer with one of the rcodes `next` is left to the next plugin, with `next_on_nodata` one without records, too.
    `prefer_udp` is for clients that ask over TCP. `warnings` are about the files that name upstreams.
    """

    zones: tuple[Name, ...]
    targets: tuple[Target, ...]
    excluded: tuple[Name, ...] = ()
    terms: Terms = Terms()
    conduct: Conduct = Conduct()
    tls: Tls = Tls()
    next: frozenset[int] = frozenset()
    next_on_nodata: bool = False
    prefer_udp: bool = False
    warnings: tuple[str, ...] = ()

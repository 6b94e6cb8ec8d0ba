"""Answers from the zones that a plugin serves, as a link of the chain."""

from collections.abc import Mapping

from fedresolver.authority.served import ServedZone
from fedresolver.authority.zones import Source, Zones
from fedresolver.chain.handler import Ede, Handler, Reply, Request, Wrap
from fedresolver.wire.const import Ede as Code
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import Name, to_text
from fedresolver.wire.query import Query
from fedresolver.zone.answer import Answer, answer
from fedresolver.zone.ask import ask
from fedresolver.zone.outcome import NO_DATA, NO_NAME
from fedresolver.zone.signed import signed
from fedresolver.zone.zone import Zone

_DS = int(Type.DS)


def answering(
    served: Mapping[Name, ServedZone], known: Zones, fallthrough: Mapping[Name, tuple[Name, ...]], plugin: str
) -> Wrap:
    """Return the link that answers from the zones `served`, by their names.

    `known` are all the zones of the server block: a name is in the one with the longest name, whoever serves it.
    `fallthrough` are by zone those names which, when the zone does not have them, are the next plugin's. `plugin` is
    the one that answers.
    """
    ours: dict[bytes, _Answering] = {
        apex: _Answering(zone, fallthrough.get(apex, ()), plugin) for apex, zone in served.items()
    }

    files: Mapping[bytes, Source] = known.files  # type: ignore[assignment]  # a name is octets

    def parent(query: Query) -> "_Answering | None":
        """Return the zone that DS of a zone of ours is asked of: the parent, if that is here (RFC 4035 3.1.4.1)."""
        for start in query.starts[1:]:
            if query.qname[start:] in files:
                return ours.get(query.qname[start:])
        return ours.get(query.qname)

    def wrap(next_: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            query = request.query
            qname = query.qname
            for start in query.starts:
                if qname[start:] in files:
                    zone = parent(query) if query.qtype == _DS and start == 0 else ours.get(qname[start:])
                    reply = None if zone is None else zone.reply(query)
                    if reply is not None:
                        return reply
                    break
            return await next_(request)

        return handle

    return wrap


class _Answering:
    """What is answered from one zone."""

    def __init__(self, served: ServedZone, fallthrough: tuple[Name, ...], plugin: str) -> None:
        self._served = served
        self._fallthrough = frozenset[bytes](fallthrough)
        self._plugin = plugin
        self._not_ready = Reply(
            rcode=Rcode.SERVFAIL,
            authoritative=False,
            ede=Ede(Code.NOT_READY),
            plugin=plugin,
            failure=f"zone {to_text(served.apex)} has nothing to answer from",
        )
        self._zone: Zone | None = None
        self._no_data = self._no_name = self._not_ready

    def reply(self, query: Query) -> Reply | None:
        """Return the reply to a question in the zone; None where it does not have the name and others may."""
        zone = self._served.zone
        if zone is None:
            return self._not_ready
        if zone is not self._zone:
            self._turn_to(zone)
        outcome = ask(zone, query.qname, query.starts, query.qtype)
        if outcome is NO_NAME and self._fallthrough and self._falls(query):
            return None
        if zone.proofs is not None and query.do:
            return self._replied(signed(zone, zone.proofs, query.qname, outcome))
        if outcome is NO_NAME:
            return self._no_name
        if outcome is NO_DATA:
            return self._no_data
        return self._replied(answer(zone, outcome))

    def _turn_to(self, zone: Zone) -> None:
        """Have the replies ready that are the same for all names: most that are absent are asked for once."""
        self._zone = zone
        self._no_data = self._replied(answer(zone, NO_DATA))
        self._no_name = self._replied(answer(zone, NO_NAME))

    def _replied(self, answer: Answer) -> Reply:
        return Reply(
            rcode=answer.rcode,
            answer=answer.answer,
            authority=answer.authority,
            additional=answer.additional,
            authoritative=answer.authoritative,
            cell=self._served.cell,
            target=answer.target,
            plugin=self._plugin,
        )

    def _falls(self, query: Query) -> bool:
        return any(query.qname[start:] in self._fallthrough for start in query.starts)

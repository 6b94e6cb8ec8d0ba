"""What must be signed."""

from dataclasses import dataclass

from fedresolver.chain.handler import REFUSED, Handler, Reply, Request, Wrap
from fedresolver.wire.name import Name, is_below


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which questions for names in `zones` must be signed: those of the types, and of the opcodes; None for all."""

    zones: tuple[Name, ...]
    types: frozenset[int] | None = frozenset()
    opcodes: frozenset[int] | None = frozenset()

    @property
    def idle(self) -> bool:
        """Whether nothing must be signed."""
        return self.types == self.opcodes == frozenset()

    def wants(self, request: Request) -> bool:
        """Say whether this question must be signed."""
        query = request.query
        of_type = self.types is None or query.qtype in self.types
        of_opcode = self.opcodes is None or query.opcode in self.opcodes
        return (of_type or of_opcode) and any(is_below(query.qname, zone) for zone in self.zones)


def require(rules: tuple[Rule, ...]) -> Wrap:
    """Return the link that refuses what is not signed but must be; that the signature is good is known already."""

    def wrap(next_: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            if request.key is None and any(rule.wants(request) for rule in rules):
                return REFUSED
            return await next_(request)

        return handle

    return wrap

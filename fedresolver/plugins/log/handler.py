"""Which answers are logged, and where to."""

from collections.abc import Callable
from dataclasses import dataclass

from fedresolver.chain.handler import Reply
from fedresolver.chain.plugin import UNCOUNTED, Finished, Tally
from fedresolver.plugins.log.format import Text
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import ROOT, Name, is_below

SUCCESS, DENIAL, ERROR, ALL = "success", "denial", "error", "all"
CLASSES = (SUCCESS, DENIAL, ERROR, ALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is logged of the names in and below `scope`, and how."""

    write: Text
    scope: Name = ROOT
    classes: frozenset[str] = frozenset((ALL,))

    def wants(self, reply: Reply) -> bool:
        """Say whether an answer of this class is logged."""
        return ALL in self.classes or classify(reply) in self.classes


def classify(reply: Reply) -> str:
    """Return the class of an answer: something is there, surely nothing is (NXDOMAIN, NODATA), or it failed."""
    if reply.rcode == Rcode.NXDOMAIN:
        return DENIAL
    if reply.rcode != Rcode.NOERROR:
        return ERROR
    if not reply.answer and any(rrset.rtype == Type.SOA for rrset in reply.authority):
        return DENIAL
    return SUCCESS


class QueryLog:
    """An observer that writes a line for each answer that the first rule for its name wants."""

    def __init__(self, rules: tuple[Rule, ...], write: Callable[[str], None]) -> None:
        self._rules = rules
        self._write = write
        self._only = rules[0] if rules[0].scope == ROOT else None

    def finished(self, finished: Finished) -> Tally | None:
        """Write the line of an answer, if it is wanted; None then, so that each of its repeats is shown here."""
        rule = self._rule(finished)
        if rule is None:
            return UNCOUNTED
        self._write(rule.write(finished))
        return None

    def _rule(self, finished: Finished) -> Rule | None:
        qname = finished.request.query.qname
        rule = self._only or next((rule for rule in self._rules if is_below(qname, rule.scope)), None)
        return rule if rule is not None and rule.wants(finished.reply) else None

"""Read `acl [ZONES...] { ACTION [type QTYPE...] [net SOURCE...] }`."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.errors import shown
from fedresolver.config.read import (
    Errors,
    Stanza,
    StanzaError,
    Token,
    cidr,
    no_block,
    options,
    zones,
)
from fedresolver.plugins.acl.handler import AccessControl
from fedresolver.plugins.acl.metrics import AclMetrics, Counts
from fedresolver.plugins.acl.rules import Action, Policy, Rule, Rules
from fedresolver.wire.const import type_number
from fedresolver.wire.name import Name, from_text

T = TypeVar("T")
TYPE, NET = "type", "net"
USAGE = "ACTION [type QTYPE...] [net SOURCE...]"
_ALL = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The zones of one `acl`, none for those of the block, and its policies."""

    zones: tuple[Name, ...] = ()
    policies: tuple[Policy, ...] = ()

    def rule(self, block: tuple[Name, ...]) -> Rule:
        """Return the rule that it is in a server block with these zones."""
        return Rule(self.zones or block, self.policies)


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    errors = Errors()
    names: tuple[Name, ...] = ()
    policies: list[Policy] = []
    with errors.gather():
        names = tuple(map(from_text, chain.from_iterable(map(zones, stanza.args))))
    with errors.gather():
        actions = {action.value: _reader(action, policies) for action in Action}
        options(stanza, actions, repeatable=actions)
    errors.raise_any()
    if not policies:
        raise StanzaError(stanza, "`acl` has no rule", f"write `acl [ZONES...] {{ {USAGE} }}`")
    return Settings(zones=names, policies=tuple(policies))


def _reader(action: Action, policies: list[Policy]) -> Callable[[Stanza], None]:
    """Return the reader of lines that begin with `action`; it puts what they say into `policies`, in their order."""

    def read(line: Stanza) -> None:
        no_block(line)
        given: dict[str, list[Token]] = {TYPE: [], NET: []}
        for word, tokens in _sections(line):
            given[word] += tokens
        types, networks = _all_or(given[TYPE], _qtype), _all_or(given[NET], cidr)
        policies.append(Policy(action, None if types is None else frozenset(types), networks))

    return read


def _all_or(tokens: Iterable[Token], read: Callable[[Token], T]) -> tuple[T, ...] | None:
    """Return what the tokens say, None where that is everything: `*` is among them, or there are none."""
    found = tuple(None if token.text == _ALL else read(token) for token in tokens)
    return tuple(one for one in found if one is not None) if found and None not in found else None


def _sections(line: Stanza) -> Iterator[tuple[str, list[Token]]]:
    """Yield `type` and `net` with what follows each of them, which is at least one word."""
    tokens = list(line.args)
    while tokens:
        word = tokens.pop(0)
        if word.text not in (TYPE, NET):
            raise StanzaError(word, f"{shown(word.text)} follows neither `type` nor `net`", f"write `{USAGE}`")
        found: list[Token] = []
        while tokens and tokens[0].text not in (TYPE, NET):
            found.append(tokens.pop(0))
        if not found:
            raise StanzaError(word, f"nothing follows {shown(word.text)}", f"write `{USAGE}`")
        yield word.text, found


def _qtype(token: Token) -> int:
    number = type_number(token.text)
    if number is None:
        raise StanzaError(token, f"{shown(token.text)} is no type", "write one as A, AAAA, ANY, AXFR, or TYPE65280")
    return number


def setup(setup: Setup) -> Plugin:
    """Return the link of the chain with the rules of all stanzas, in their order."""
    errors = Errors()
    given: list[Rule] = []
    for stanza in setup.stanzas:
        with errors.gather():
            given.append(parse(stanza).rule(setup.zones))
    errors.raise_any()
    rules, counts = Rules(given), Counts()
    metrics = setup.metrics.part(AclMetrics)
    return Plugin(
        wrap=AccessControl(rules, counts).wrap,
        reader=lambda: counts.tell(metrics, setup.server),
        closed=rules.keeps_out(setup.zones),
    )

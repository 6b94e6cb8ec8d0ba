"""Read `log [NAMES...] [FORMAT] { class CLASSES... }`."""

from dataclasses import dataclass, field

from fedresolver.chain.plugin import Plugin
from fedresolver.chain.setup import Setup
from fedresolver.config.errors import suggestion
from fedresolver.config.read import Errors, Stanza, StanzaError, Token, among, options, some, zones
from fedresolver.observe.log import line_writer
from fedresolver.plugins.log.format import COMMON, TOKENS, Text, UnknownTokenError, compiled
from fedresolver.plugins.log.handler import ALL, CLASSES, QueryLog, Rule
from fedresolver.wire.name import ROOT, Name, from_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Which answers of which names one `log` writes, and in which format."""

    names: tuple[Name, ...] = (ROOT,)
    format: str = COMMON
    write: Text = field(default=compiled(COMMON), repr=False, compare=False)
    classes: frozenset[str] = frozenset((ALL,))

    def rules(self) -> tuple[Rule, ...]:
        """Return a rule for each name."""
        return tuple(Rule(scope=name, write=self.write, classes=self.classes) for name in self.names)


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it.

    The last argument is the format if there is a brace in it.
    """
    found = options(stanza, {"class": some(among(*CLASSES), "CLASS")}, repeatable={"class"})
    classes = {name for names in found.get("class", ()) for name in names}
    given = stanza.args
    if given and "{" in given[-1].text:
        *names, last = given
        return _settings(names, classes, last.text, _compiled(last))
    return _settings(list(given), classes, COMMON, compiled(COMMON))


def _settings(names: list[Token], classes: set[str], text: str, write: Text) -> Settings:
    scopes = tuple(from_text(zone) for name in names for zone in zones(name))
    return Settings(names=scopes or (ROOT,), format=text, write=write, classes=frozenset(classes or (ALL,)))


def _compiled(token: Token) -> Text:
    try:
        return compiled(token.text)
    except UnknownTokenError as error:
        known = [f"{{{word}}}" for word in (*TOKENS, "common", "combined")]
        raise StanzaError(token, f"`{error}` stands for nothing", suggestion(str(error), known)) from error


def setup(setup: Setup) -> Plugin:
    """Return the observer with the rules of all stanzas, in their order."""
    errors = Errors()
    rules: list[Rule] = []
    for stanza in setup.stanzas:
        with errors.gather():
            rules += parse(stanza).rules()
    errors.raise_any()
    return Plugin(observer=QueryLog(tuple(rules), line_writer()))

"""Kubernetes label selectors: text in, a yes or no about labels out.

The grammar is that of `kubectl -l` (labels.Parse): `a=b`, `a==b`, `a!=b`, `a in (b, c)`, `a notin (b, c)`, `a`, `!a`,
joined by commas that all must hold. `!=` and `notin` also hold where the key is absent.
"""

import re

import msgspec

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_PREFIX = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_MAX_PREFIX = 253
_TOKEN = re.compile(r"\s*(==|!=|[=!(),]|[^\s=!(),]+|$)")
_END = ""
_SIGNS = frozenset({"==", "!=", "=", "!", "(", ")", ",", _END})


class Requirement(msgspec.Struct, frozen=True, gc=False):
    """One condition on one key: that its value is among `values`, or with `negated` that it is not.

    Without `values` it is about the key alone: that it is there, or with `negated` that it is not.
    """

    key: str
    values: frozenset[str] = frozenset()
    negated: bool = False

    def holds(self, labels: dict[str, str]) -> bool:
        """Say whether `labels` meet this condition."""
        found = self.key in labels and (not self.values or labels[self.key] in self.values)
        return found != self.negated


class Selector(msgspec.Struct, frozen=True, gc=False):
    """Conditions that must all hold; without any, everything matches."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: tuple[tuple[str, str], ...]) -> bool:
        """Say whether an object with these labels is selected."""
        known = dict(labels)
        return all(requirement.holds(known) for requirement in self.requirements)


def parse(text: str) -> Selector:
    """Return the selector written as `text`; ValueError says what is wrong and what would be right."""
    tokens = _Tokens(text)
    if tokens.ahead == _END:
        return Selector()
    requirements = [_requirement(tokens)]
    while tokens.take(","):
        requirements.append(_requirement(tokens))
    if tokens.ahead != _END:
        raise tokens.unexpected("',' or the end")
    return Selector(tuple(requirements))


class _Tokens:
    """The words and signs of a selector, read from the left."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rest = iter([match[1] for match in _TOKEN.finditer(text)])
        self.ahead = next(self._rest, _END)

    def next(self) -> str:
        """Return the token ahead and step over it."""
        token, self.ahead = self.ahead, next(self._rest, _END)
        return token

    def take(self, sign: str) -> bool:
        """Step over `sign` if it is ahead, and say whether it was."""
        return self.ahead == sign and self.next() == sign

    def unexpected(self, wanted: str) -> ValueError:
        """Return the error that something else than `wanted` is ahead."""
        found = f"'{self.ahead}'" if self.ahead else "the end"
        return ValueError(f"label selector '{self._text}' has {found} where {wanted} belongs")


def _requirement(tokens: _Tokens) -> Requirement:
    if tokens.take("!"):
        return Requirement(_key(tokens), negated=True)
    key = _key(tokens)
    match tokens.ahead:
        case "," | "":
            return Requirement(key)
        case "=" | "==" | "!=":
            return Requirement(key, negated=tokens.next() == "!=", values=frozenset({_value(tokens)}))
        case "in" | "notin":
            return Requirement(key, negated=tokens.next() == "notin", values=_values(tokens))
        case _:
            raise tokens.unexpected("'=', '==', '!=', 'in', 'notin', ',' or the end")


def _key(tokens: _Tokens) -> str:
    if tokens.ahead in _SIGNS:
        raise tokens.unexpected("a label key")
    key = tokens.next()
    prefix, slash, name = key.rpartition("/")
    if slash and not (_PREFIX.fullmatch(prefix) and len(prefix) <= _MAX_PREFIX):
        raise ValueError(f"'{prefix}' is no prefix of a label key; it is a DNS name, as in example.com/tier")
    if not _NAME.fullmatch(name):
        raise ValueError(f"'{key}' is no label key; it has up to 63 letters, digits, '-', '_' or '.'")
    return key


def _value(tokens: _Tokens) -> str:
    """Return one value, which may be empty."""
    if tokens.ahead in {",", ")", _END}:
        return ""
    if tokens.ahead in _SIGNS:
        raise tokens.unexpected("a label value")
    value = tokens.next()
    if not _NAME.fullmatch(value):
        raise ValueError(f"'{value}' is no label value; it has up to 63 letters, digits, '-', '_' or '.'")
    return value


def _values(tokens: _Tokens) -> frozenset[str]:
    if not tokens.take("("):
        raise tokens.unexpected("'('")
    values = {_value(tokens)}
    while tokens.take(","):
        values.add(_value(tokens))
    if not tokens.take(")"):
        raise tokens.unexpected("',' or ')'")
    return frozenset(values)

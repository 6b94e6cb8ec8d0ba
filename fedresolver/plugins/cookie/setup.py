"""Read `cookie [SECRET...] { secret_file FILE; reload DURATION; rotate DURATION; require }`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from fedresolver.chain.plugin import Plugin, Unit
from fedresolver.chain.proof import Proofs
from fedresolver.chain.setup import Setup
from fedresolver.config.once import once
from fedresolver.config.read import Errors, Stanza, StanzaError, Token, arguments, duration, flag, one, options, path
from fedresolver.plugins.cookie.jar import Jar
from fedresolver.plugins.cookie.metrics import CookieMetrics
from fedresolver.plugins.cookie.secrets import MOST, Drawn, Filed, secret
from fedresolver.wire.cookie import SECRET

USAGE = "cookie [SECRET...]"
_LEAST_ROTATE = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Secrets, or the file that has them, or how often one is drawn; times in seconds. No secret is shown."""

    secrets: tuple[bytes, ...] = ()
    file: Token | None = None
    reload: float = 30.0
    rotate: float = 86400.0
    require: bool = False

    def __repr__(self) -> str:
        return f"Settings({len(self.secrets)} secrets, file={self.file}, rotate={self.rotate}, require={self.require})"


def parse(stanza: Stanza) -> Settings:
    """Return what a stanza says; ConfigError with all that is wrong in it."""
    errors = Errors()
    secrets: list[bytes] = []
    found = {}
    with errors.gather():
        secrets += [_secret(token) for token in arguments(stanza, 0, MOST, USAGE)]
    with errors.gather():
        found = options(
            stanza,
            {
                "secret_file": one(_file, "FILE"),
                "reload": one(duration, "DURATION"),
                "rotate": one(_rotate, "DURATION"),
                "require": flag,
            },
        )
    errors.raise_any()
    if "secret_file" in found:
        found["file"] = found.pop("secret_file")
    settings = Settings(secrets=tuple(secrets), **found)
    _check_source(stanza, settings, found)
    return settings


def _check_source(stanza: Stanza, settings: Settings, given: dict[str, object]) -> None:
    """Raise StanzaError when there are secrets from two sources, or times that mean nothing."""
    if settings.secrets and settings.file is not None:
        raise StanzaError(settings.file, "there are secrets already, behind `cookie`", "remove one of both")
    if "rotate" in given and (settings.secrets or settings.file is not None):
        raise StanzaError(stanza, "`rotate` is for secrets that are drawn at random", "remove it, or the secrets")
    if "reload" in given and settings.file is None:
        raise StanzaError(stanza, "`reload` is for a `secret_file`, and there is none", "remove it")


def _secret(token: Token) -> bytes:
    try:
        return secret(token.text)
    except ValueError:
        right = "make one with `openssl rand -hex 16`"
        raise StanzaError(token, f"a secret of `cookie` is not {SECRET * 2} hexadecimal digits", right) from None


def _file(token: Token) -> Token:
    path(token)
    return token


def _rotate(token: Token) -> float:
    seconds = duration(token)
    if seconds < _LEAST_ROTATE:
        raise StanzaError(token, "a cookie holds for an hour, and its secret must, too", "write 1h or more")
    return seconds


def setup(setup: Setup) -> Plugin:
    """Return the gate and the option of cookies, and what says that an address is proven."""
    settings = parse(once(setup.stanzas))
    secrets, units = _source(setup, settings)
    jar = Jar(secrets, setup.wall, required=settings.require)
    setup.shared.part(Proofs).append(jar.proves)
    metrics = setup.metrics.part(CookieMetrics)
    return Plugin(gate=jar.gate, options=jar.options, units=units, reader=lambda: metrics.tell(jar, setup.server))


def _source(setup: Setup, settings: Settings) -> tuple[Callable[[], tuple[bytes, ...]], tuple[Unit, ...]]:
    """Return what says which secrets hold, with the units that it needs. Drawn ones are the same in every block."""
    if settings.secrets:
        return lambda: settings.secrets, ()
    if settings.file is None:
        rotate = settings.rotate
        drawn = cast("Drawn", setup.keep(("cookie", rotate), lambda: Drawn(rotate, setup.clock)))
        return drawn.secrets, (drawn,)
    file, reload = path(settings.file), settings.reload
    filed = cast("Filed", setup.keep(("cookie", file, reload), lambda: Filed(file, reload)))
    try:
        filed.load()
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise StanzaError(settings.file, f"the secrets in {file} cannot be used: {what}") from error
    return filed.secrets, (filed,)

"""What of our own host the credentials of members depend on."""

from collections.abc import Callable, Mapping

from fedresolver.watch.access.redaction import Secret

PATIENCE = 30.0


class Host(Secret, frozen=True):
    """Our host, as credentials see it.

    `allowed` are the paths of the credential plugins that may be run, `environ` our variables, `wall` is in seconds
    since the epoch. `patience` is how long a plugin or a provider of tokens may take, in seconds.
    """

    allowed: tuple[str, ...]
    environ: Mapping[str, str]
    wall: Callable[[], float]
    patience: float = PATIENCE

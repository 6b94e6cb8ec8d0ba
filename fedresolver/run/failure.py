"""What may be wrong with a configuration or with what it asks of the system, as lines for its operator."""

from fedresolver.config.errors import ConfigError

FAILURES = (ConfigError, OSError)
"""What reading, building and starting a configuration may raise."""


def reasons(error: Exception) -> list[str]:
    """Return what went wrong, a line each, without the number that the system has for it."""
    if isinstance(error, OSError) and error.strerror:
        return [f"{error.filename}: {error.strerror}" if error.filename else error.strerror]
    return str(error).splitlines()

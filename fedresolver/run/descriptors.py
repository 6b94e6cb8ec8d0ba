"""How many files and sockets the process may have open."""

import resource

_ENOUGH = 1 << 20


def allow_more() -> None:
    """Raise the limit as far as a process may by itself: each client over TCP needs one, and each upstream 64."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(hard, _ENOUGH)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

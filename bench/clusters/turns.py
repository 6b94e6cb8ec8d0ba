"""Which endpoints come and go, one change after the other."""

CHANGED = 1000
"""Services whose endpoints come and go, in turn."""

STRIDE = 389
"""Steps from one Service to the next: queries go up one by one, and would find all that has just changed in a row."""


def turn(number: int, first: int) -> tuple[str, bool]:
    """Return the Service of a change, counted from 0, and whether its endpoints are ready then.

    All `CHANGED` from `first` on go in turn, then all come back.
    """
    return f"svc-{first + number * STRIDE % CHANGED:05}", number // CHANGED % 2 == 1

"""What networks have left of what they may get: an account for each network and kind of answer.

An account earns its rate each second, up to what it earns in one, and pays one for each answer. One that is in debt
gets nothing, and the debt goes on to grow with what is asked meanwhile, down to what a whole window earns: so who
keeps on asking too much gets nothing at all until he asks less.
"""

from collections.abc import Callable

from fedresolver.server.table import Table

_ENDLESS = 1 << 60


class _Account:
    """The balance at a moment, and how many answers were held back."""

    __slots__ = ("at", "balance", "held")
    size = 1

    def __init__(self, balance: float, at: float) -> None:
        self.balance = balance
        self.at = at
        self.held = 0


class Accounts:
    """At most `most` accounts by their keys; `window` is in seconds, `clock` is monotonic.

    When half of them are there, those that were not used since the other half was are forgotten.
    """

    def __init__(self, most: int, window: float, clock: Callable[[], float]) -> None:
        self._table: Table[_Account] = Table(most, _ENDLESS)
        self._window = window
        self._clock = clock

    def __len__(self) -> int:
        return len(self._table)

    def charge(self, key: bytes, rate: float) -> int:
        """Charge one answer to an account that earns `rate` in a second; 0 when it can pay.

        Else the number of answers that it could not pay until now, with this one.
        """
        now, most = self._clock(), max(rate, 1.0)
        account = self._table.get(key)
        if account is None:
            account = _Account(most, now)
            self._table.put(key, account)
        earned = min(account.balance + (now - account.at) * rate, most)
        account.balance, account.at = max(earned - 1.0, -self._window * rate), now
        if account.balance >= 0:
            return 0
        account.held += 1
        return account.held

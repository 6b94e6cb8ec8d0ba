"""How much may be asked: so many questions a second, with a reserve for the moments in which there are many."""


class Budget:
    """Gives `rate` a second, and at once what was saved, `burst` at most; `now` is in seconds, and never goes back."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._saved = float(burst)
        self._since = 0.0

    def take(self, now: float) -> bool:
        """Take one; say whether there was one."""
        self._saved, self._since = self._at(now), now
        if self._saved < 1:
            return False
        self._saved -= 1
        return True

    def wait(self, now: float) -> float:
        """Return the seconds until there is one."""
        return max(0.0, (1 - self._at(now)) / self._rate)

    def _at(self, now: float) -> float:
        return min(self._burst, self._saved + (now - self._since) * self._rate)

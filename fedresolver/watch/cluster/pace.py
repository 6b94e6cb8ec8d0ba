"""How long each step with an API server may take, all of it from how soon a silent member is stale."""

import msgspec


class Pace(msgspec.Struct, frozen=True):
    """Times in seconds.

    `connect` and `read` bound a connection attempt and the wait for the next octet. `renew` is after how long a quiet
    watch is renewed, and after which a member that cannot be watched is listed again; `grace` is by how much the
    server may be late with it. Then a watch that hangs is given up, and tried anew, before the member is stale.
    """

    stale_after: float

    @property
    def renew(self) -> float:
        """Half of the time in which silence is no sign."""
        return self.stale_after / 2

    @property
    def grace(self) -> float:
        """A third of what is left after it, but not long."""
        return min(5.0, self.stale_after / 6)

    @property
    def connect(self) -> float:
        """Time for TCP and TLS."""
        return min(5.0, max(0.5, self.stale_after / 6))

    @property
    def read(self) -> float:
        """Time for a slow server between two octets of a list."""
        return min(10.0, max(1.0, self.stale_after / 3))

    def back_off(self, failures: int, chance: float) -> float:
        """Return how long to wait after so many failures in a row; `chance`, in [0, 1), spreads it out in full.

        Not so long that a member which is there again would be stale meanwhile.
        """
        return chance * min(LONGEST_BACK_OFF, self.stale_after / 3, FIRST_BACK_OFF * 2.0 ** min(failures, 16))


LONGEST_PAGE = 300.0  # seconds for one page of a list, however slowly it comes
LONGEST_BACK_OFF = 8.0  # seconds
FIRST_BACK_OFF = 0.2  # seconds; doubled with each failure
LONGEST_LEAVE = 30.0  # seconds for which a server is left alone that asks for it

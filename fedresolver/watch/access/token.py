"""A bearer token in a file, which is exchanged while we run."""

from fedresolver.watch.access.entry import AccessError
from fedresolver.watch.access.material import octets
from fedresolver.watch.stamp import Stamp, stamp
from fedresolver.watch.worker import beside


class FileToken:
    """The token in the file at `path`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._stamp: Stamp | None = None
        self._token = ""

    async def read(self) -> str:
        """Return the token as it stands now, the last one while there is none; AccessError when there never was."""
        now = stamp(self._path)
        if not self._token or now != self._stamp:
            try:
                found = await beside(lambda: octets(self._path))
                self._token = checked(found.decode("utf-8", "replace").strip(), self._path)
            except AccessError:
                if not self._token:
                    raise
            self._stamp = now
        return self._token

    def forget(self) -> None:
        """Read the file again, whether it seems to have changed or not."""
        self._token = ""


def checked(token: str, where: str) -> str:
    """Return a token that may stand in a header; AccessError when it cannot be one."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise AccessError(f"{where}: there is no token in it")
    return token

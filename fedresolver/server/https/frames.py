"""The frames of HTTP/2 (RFC 9113 4.1) as they come in: whole ones, one by one, and what each costs.

The protocol lets a client have a server work for frames that ask nothing. So each frame is paid for out of a purse,
which requests that are answered fill, and time does, slowly. Whoever asks has always enough; a flood, of whatever
frames, soon has not. What frames mean is the matter of the h2 library; it is never given a part of one.
"""

from h2.errors import ErrorCodes

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
LONGEST_FRAME = 16_384
"""Octets that a frame may have: the least that the protocol allows (RFC 9113 4.2)."""
LONGEST_HEADERS = 8192
"""Octets of a header section, as it is sent and as it is unpacked."""

_HEAD = 9
_DATA, _HEADERS, _CONTINUATION = 0, 1, 9
_STEP = 256
"""As many octets cost as much as one more frame: they must be looked at, too; not so those in DATA."""


class FrameError(Exception):
    """A frame for which the connection ends, with `code` (RFC 9113 7)."""

    def __init__(self, code: ErrorCodes, why: str) -> None:
        super().__init__(why)
        self.code = code


class Purse:
    """What a connection may still spend on frames: at most `size`, more by the second and by each answer.

    `now` is the time in seconds of a monotonic clock.
    """

    def __init__(self, now: float, size: int = 1024, per_second: int = 32, per_answer: int = 8) -> None:
        self.left = size
        self._size = size
        self._per_second = per_second
        self._per_answer = per_answer
        self._saved = now

    def spend(self, price: int) -> None:
        """Take `price` out; FrameError when there is not as much."""
        self.left -= price
        if self.left < 0:
            raise FrameError(ErrorCodes.ENHANCE_YOUR_CALM, "too many frames that ask nothing")

    def answered(self) -> None:
        """Put in what an answer is worth."""
        self.left = min(self._size, self.left + self._per_answer)

    def save(self, now: float) -> None:
        """Put in what the time since it was last done is worth."""
        seconds = int(now - self._saved)
        if seconds:
            self._saved += seconds
            self.left = min(self._size, self.left + self._per_second * seconds)


class Frames:
    """Octets that came in, from the client's preface on, to be taken frame by frame."""

    def __init__(self, purse: Purse) -> None:
        self._purse = purse
        self._octets = b""
        self._at = 0
        self._begun = False
        self._headers = 0

    def feed(self, data: bytes) -> None:
        """Take in what was read."""
        self._octets, self._at = self._octets[self._at :] + data, 0

    @property
    def is_whole(self) -> bool:
        """Whether there is a frame to be taken."""
        return bool(self._end())

    def take(self) -> bytes:
        """Return the next frame, or the preface, or what stands in its place; nothing while it is incomplete.

        FrameError for one that is too long, or one too many.
        """
        end = self._end()
        frame = self._octets[self._at : end] if end else b""
        self._at = end or self._at
        if frame and self._begun:
            self._pay(frame)
        self._begun = self._begun or bool(frame)
        return frame

    def _end(self) -> int:
        """Return where the next frame ends, or its head if it is longer than any may be; 0 while it is incomplete."""
        room = len(self._octets) - self._at
        if not self._begun:
            return self._preface_end(room)
        if room < _HEAD:
            return 0
        length = int.from_bytes(self._octets[self._at : self._at + 3])
        size = _HEAD + (length if length <= LONGEST_FRAME else 0)
        return self._at + size if size <= room else 0

    def _preface_end(self, room: int) -> int:
        if not PREFACE.startswith(self._octets[: len(PREFACE)]):
            return room
        return len(PREFACE) if room >= len(PREFACE) else 0

    def _pay(self, frame: bytes) -> None:
        kind, size = frame[3], len(frame) - _HEAD
        if int.from_bytes(frame[:3]) != size:
            raise FrameError(ErrorCodes.FRAME_SIZE_ERROR, "a frame is too long")
        self._purse.spend(1 + (size // _STEP if kind != _DATA else 0))
        if kind in (_HEADERS, _CONTINUATION):
            self._headers = size + (self._headers if kind == _CONTINUATION else 0)
            if self._headers > LONGEST_HEADERS:
                raise FrameError(ErrorCodes.ENHANCE_YOUR_CALM, "a header section is too long")

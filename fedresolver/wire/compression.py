"""Names as a stranger's message holds them: compressed, and read at a bounded price.

A message of 65,535 octets has room for 32,000 labels or as many pointers, and may make each name out of all of them. So
reading has a budget, which records, names, labels and pointers use up, and honest messages stay far below. A step of it
takes about 0.1 us; the prices are measured, so that no message takes more than 1 ms.
"""

from fedresolver.wire.error import FormatError
from fedresolver.wire.name import MAX_LABEL, MAX_NAME, Name, parents
from fedresolver.wire.query import HEADER

_POINTER = 0xC0
"""From this octet on, it and the next one are a pointer (RFC 1035 4.1.4)."""
_MAX_POINTERS = 16
_STEPS = 8000
"""What a message may cost to read: enough for 1,600 addresses, or 400 names of mail servers."""
_OF_RECORD = 5
_OF_OWNER = 10
_OF_NAME = 10
_OF_KNOWN_NAME = 3
_OF_PARENT = 3
_BAD_LABEL = "a label of an unknown type, or above 63 octets"
_TOO_DEAR = "too many records, or too many or too long names"


class Names:
    """The names of one message; `records` is how many records it says that it has.

    `qname` is the name in its question where that is known: it is not read again. `steps` is what the message may cost.

    Every method raises FormatError for what is no name and where the message costs too much to read, and IndexError
    where it ends too early.
    """

    __slots__ = ("_known", "_left", "message")

    def __init__(self, message: bytes, qname: Name | None, records: int, steps: int = _STEPS) -> None:
        self.message = message
        self._known: dict[int, bytes] = {} if qname is None else {HEADER: qname}
        self._left = steps - _OF_RECORD * records

    def skip(self, start: int) -> int:
        """Return where the name at `start` ends; pointers are stepped over, not followed."""
        self._left -= _OF_OWNER
        message, position = self.message, start
        for left in range(self._left, 0, -1):
            length = message[position]
            if length >= _POINTER:
                self._left = left
                return position + 2
            if not length:
                self._left = left
                return position + 1
            if length > MAX_LABEL:
                raise FormatError(_BAD_LABEL)
            position += 1 + length
        raise FormatError(_TOO_DEAR)

    def read(self, start: int) -> tuple[bytes, int]:
        """Return the name at `start`, whole and in the letters it has, and where it ends.

        Pointers go backwards only, and at most 16 lead to one name through others that were not read before.
        """
        message = self.message
        if message[start] >= _POINTER:  # as most owners are: a pointer to what was read already
            octets = self._known.get((message[start] & MAX_LABEL) << 8 | message[start + 1])
            if octets is not None:
                self._left -= _OF_KNOWN_NAME
                if self._left < 0:
                    raise FormatError(_TOO_DEAR)
                return octets, start + 2
        self._left -= _OF_NAME
        octets, end = self._whole(start)
        if len(octets) > MAX_NAME:
            raise FormatError("a name above 255 octets")
        self._known[start] = octets
        return octets, end

    def _whole(self, start: int) -> tuple[bytes, int]:
        message, octets, end, pointers = self.message, b"", 0, 0
        run = position = start
        for left in range(self._left, 0, -1):
            length = message[position]
            if 0 < length <= MAX_LABEL:
                position += 1 + length
                continue
            if not length:
                self._left = left
                return octets + message[run : position + 1], end or position + 1
            if length < _POINTER:
                raise FormatError(_BAD_LABEL)
            octets += message[run:position]
            target = (length & MAX_LABEL) << 8 | message[position + 1]
            end = end or position + 2
            pointers += 1
            if not HEADER <= target < run:
                raise FormatError("a compression pointer that does not lead back")
            if pointers > _MAX_POINTERS:
                raise FormatError(f"a name of more than {_MAX_POINTERS} compression pointers")
            if target in self._known:
                self._left = left
                return octets + self._known[target], end
            run = position = target
        raise FormatError(_TOO_DEAR)

    def parents(self, name: Name) -> tuple[Name, ...]:
        """Return `name` and every name above it, the root last: `parents` of `fedresolver.wire.name`, at its price."""
        found = parents(name)
        self.pay(_OF_PARENT * len(found))
        return found

    def pay(self, steps: int) -> None:
        """Take what else is done for the message from its budget."""
        self._left -= steps
        if self._left < 0:
            raise FormatError(_TOO_DEAR)

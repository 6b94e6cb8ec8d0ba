"""What a lie is: a function around the honest handler, as a plugin is one around the next."""

from collections.abc import Awaitable, Callable

from tests.support.stub_api.answer import Answer
from tests.support.stub_api.call import Call

Handler = Callable[[Call], Awaitable[Answer]]
Lie = Callable[[Handler], Handler]


class Told:
    """A lie, and to whom it is told: `resource` and `verb` None are all, `times` None is for ever."""

    def __init__(self, lie: Lie, resource: str | None, verb: str | None, times: int | None) -> None:
        self.lie = lie
        self._resource = resource
        self._verb = verb
        self._left = times

    def meant_for(self, call: Call) -> bool:
        """Return whether this call is lied to; each counts."""
        if self._left == 0 or self._resource not in {None, call.name} or self._verb not in {None, call.verb}:
            return False
        if self._left is not None:
            self._left -= 1
        return True


class Lies:
    """The lies that are told now; the one told last is the outermost."""

    def __init__(self) -> None:
        self._told: list[Told] = []

    def tell(self, lie: Lie, *, resource: str | None = None, verb: str | None = None, times: int | None = None) -> None:
        """Lie to the requests for `resource` ("services") by `verb` ("list", "watch"), the next `times` of them."""
        self._told.append(Told(lie, resource, verb, times))

    def end(self) -> None:
        """Be honest from now on."""
        self._told.clear()

    def around(self, handler: Handler, call: Call) -> Handler:
        """Return the handler with all lies around it that are meant for the call."""
        for told in self._told:
            if told.meant_for(call):
                handler = told.lie(handler)
        return handler

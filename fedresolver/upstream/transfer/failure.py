"""Why a primary has not given a zone."""


class TransferError(Exception):
    """A primary gave no zone, or nothing that is one; the text names the primary and says what happened.

    `again` is whether the same primary may do better when it is asked for the whole zone in place of a difference.
    """

    def __init__(self, text: str, *, again: bool = False) -> None:
        super().__init__(text)
        self.again = again

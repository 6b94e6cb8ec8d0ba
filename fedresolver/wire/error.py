"""What is wrong with octets or with the text of a name."""


class FormatError(ValueError):
    """Octets or text that the DNS does not allow; the message says which rule."""

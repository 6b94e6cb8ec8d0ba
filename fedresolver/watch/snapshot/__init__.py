"""What the members said last, in a file that a resolver answers from while no API server can be reached.

`format` is the file as octets (pure), `disk` reads and writes it whole or not at all, `unit` decides when. Who the
members are, and what their phases are, is not kept.
"""

"""Zones as text: master files (RFC 1035 5) with everything that real ones have, read to the contents of a zone.

    octets -> lexer: entries (words and their line) -> reader: directives, owner, TTL, class, type
           -> data: the fields of a type, by a table (fields.py) or by dnspython (library.py)
           -> gathered: RRsets, and what may stand beside what -> rules: what the zone as a whole lacks

Words are octets as they were written, with quotes and escapes. Whatever is wrong with a word is a FormatError; the
reader knows the line, and goes on with the next entry, so that all errors are told together.
"""

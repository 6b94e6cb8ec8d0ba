"""Other servers: asking them, and remembering what they said."""

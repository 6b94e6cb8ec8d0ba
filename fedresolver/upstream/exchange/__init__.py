"""One question to one server and back: over UDP, TCP and TLS, from ports and with IDs that cannot be guessed."""

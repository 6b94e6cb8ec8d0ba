"""The commands that ask a running server, by its status pages."""

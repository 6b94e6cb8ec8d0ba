"""What other servers said, kept while it holds: a handler around a handler."""

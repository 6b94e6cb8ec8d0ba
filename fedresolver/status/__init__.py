"""What may be known of a running server from outside: the documents, and who has them."""

"""What is made for a release, beside the code: man pages from the manuals, and the list of what is in it."""

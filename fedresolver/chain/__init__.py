"""What a plugin is: a request, a reply, a handler, and what one is given when it is set up.

This is the contract that plugins are written against. How octets become a request, and what any plugin does, is
elsewhere.
"""

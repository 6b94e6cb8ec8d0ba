"""`fedresolver gather`: what a bug report needs, in one archive with no secret in it.

What goes in is chosen, not what stays out: of texts only words that are known to be none of anybody's secrets, of the
Corefile only the arguments of directives that never have one.
"""

"""Other resolvers: where they are, the ways to them, which one to ask, what it means when they do not answer.

Octets go out and octets come back: what an answer says, and whether it is to be believed, is not decided here.
"""

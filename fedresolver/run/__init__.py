"""The composition root: a Corefile to chains to listeners; start, ready, reload, drain, stop.

The only code that knows all parts; it holds no rules of its own.
"""

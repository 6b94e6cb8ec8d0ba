"""Measure fedresolver beside its peers, and what the figures in the documentation come from.

Here belong the peers' set-up, the load, the accounting and the tables. Nothing here is imported by the
server, and nothing here imports it: it is run as its users run it.
"""

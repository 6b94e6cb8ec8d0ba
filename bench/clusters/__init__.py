"""Measure with members that are API servers: real ones, and a small one where those are too slow for the case.

Here belong what the members hold, the control planes, and a module for each case. The control planes and the small API
server are those of the end-to-end tests.
"""

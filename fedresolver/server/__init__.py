"""Listening: octets in, octets out, over UDP, TCP and HTTP; limits, drain, and the fast path.

A listener sees blocks of handlers, never plugins, and knows nothing of federations.
"""

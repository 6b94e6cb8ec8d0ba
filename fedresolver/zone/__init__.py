"""Zones as data: what a zone file or a transfer holds, and what is answered from it. Pure."""

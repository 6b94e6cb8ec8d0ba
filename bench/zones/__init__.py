"""Zones that are served from files."""

"""Zones that we speak for: which there are, what they hold now and held before, and how they are answered from."""

"""The cases in which names are asked of an upstream: from a cache, one by one, in the manner of pods, and in trouble.

Here belong the upstream, the peers that forward, and their loads.
"""

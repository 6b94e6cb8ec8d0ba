"""`fedresolver diagnose`: what keeps a name from being resolved, looked at in the order of a packet's way.

What is seen is gathered at the edge (`gathering`, `asking`, `surroundings`) and is data from there on; a check is a
rule on some of it.
"""

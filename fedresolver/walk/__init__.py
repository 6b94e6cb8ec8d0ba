"""The product itself: a federated name and a view of the federation to an outcome, and the outcome to RRsets.

Pure: no clock, no socket, no log. Who asked and how the answer travels is elsewhere.
"""

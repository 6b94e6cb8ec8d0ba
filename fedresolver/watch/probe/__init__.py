"""Connections that are only made to see whether they are accepted: to load balancers, and to witnesses.

Nothing is sent over them. When they are made to which load balancer, and what follows from it, is `model.doubts`.
"""

"""Member clusters as sources of events: read, notice changes, slim the objects to what we answer from.

A source is given a sink and knows neither names nor answers.
"""

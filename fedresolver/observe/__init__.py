"""What we say about ourselves: metrics and log lines.

Only `exposition` imports prometheus_client. What is counted or logged is decided by those who call.
"""

"""DNS over HTTPS (RFC 8484): HTTP/2 and HTTP/1.1, with or without TLS.

An HTTP request becomes a DNS message (request.py), which is answered as over any other transport (connection.py); what
an HTTP version has of its own is in http1.py and http2.py.
"""

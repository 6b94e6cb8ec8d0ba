"""DNS as data and octets: names, RRsets, questions, responses, EDNS.

Here belongs what any DNS program could use. What a federation is, and what a server does with a message, does not.
Only `codec` imports dnslib.
"""

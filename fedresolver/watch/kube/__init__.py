"""Kubernetes objects as we read them: the fields that we use, checked, and made into what `model` keeps.

Pure: from values to values. How the octets come here, from files or from API servers, is elsewhere.
"""

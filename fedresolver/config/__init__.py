"""The Corefile: text to tokens to stanzas to server blocks; every error knows its file and line.

Here belongs the syntax and the readers of common values. What a directive means belongs to its plugin. Nothing here
opens a file: the caller hands in a reader.
"""

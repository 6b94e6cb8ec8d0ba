"""The federation as data: places, members, Services, shards, the rules of health, and the store of it all.

Pure: events go in, a view comes out, time is an argument. Where events come from (`watch`) and what is answered from
the view (`walk`) is elsewhere; Kubernetes objects stop at `watch`.
"""

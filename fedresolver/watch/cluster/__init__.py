"""Members that are API servers: listed and watched, and what becomes of requests that fail.

    roster      which members there are: a kubeconfig, or the cluster around us
    connection  HTTP to one of them, bounded in octets and time; lines: of a watch; lookup: its address by name
    feed        one kind of its objects: the requests; text, holding: what they say, what there is; turns: for all
    reflector   which request follows from how the last one ended (pure); watcher runs it
    member      all its kinds as one member; source: all members of a roster

How a member is reached is in `access`; what its events mean for health and answers is elsewhere.
"""

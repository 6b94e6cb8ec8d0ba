"""Members that are API servers: how they are reached, listed and watched, and what becomes of requests that fail.

    roster      which members there are: a kubeconfig, or the cluster around us
    access      how one is reached: address, TLS, credentials (kubeconfig, in_cluster, exec_plugin, oidc, token)
    connection  HTTP to it, bounded in octets and time
    feed        one kind of its objects: the requests; text, holding: what they say, what there is
    reflector   which request follows from how the last one ended (pure); watcher runs it
    member      all its kinds as one member; source: all members of a roster

What the events mean for health and answers is elsewhere.
"""

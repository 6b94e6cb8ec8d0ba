"""How API servers are reached: addresses, TLS and credentials, from a kubeconfig or the service account of our Pod.

    entry       what the next request goes with: the only thing that others need of all this
    kubeconfig  the file, and context: the way to the cluster of one of its contexts (stanzas: as it is written)
    in_cluster  the way to the cluster around us
    credentials the kinds of them: fixed, token, exec_plugin (program, redaction, renewal), oidc
    material    keys, certificates and tokens, in place or in files that change; tls is made from them
    redaction   what keeps secrets out of complaints

No request is made here but those by which credentials are had.
"""

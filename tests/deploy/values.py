"""Values of the chart that operators may have."""

from typing import Any

TOLD: dict[str, Any] = {"federation": {"name": "myfederation", "domain": "example.com", "member": "gce-us-central1"}}
"""The three that must be said."""
WHOLE = """\
.:5353 {
    federation a a.example.com {
        in_cluster gce-us-central1
        select exported
    }
    federation b b.example.com {
        in_cluster gce-us-central1
    }
    ready :8181
    health :8080
}
"""
EXPORTS = [
    {"apiGroups": [""], "resources": ["namespaces", "nodes", "services"], "verbs": ["list", "watch"]},
    {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    {"apiGroups": ["multicluster.x-k8s.io"], "resources": ["serviceexports"], "verbs": ["list", "watch"]},
]
GOOD: dict[str, dict[str, Any]] = {
    "only what must be said": {},
    "members elsewhere": {
        "kubeconfigSecret": "members",
        "federation": {
            "topology": {"gce-us-east1": ["us-east1", "us-east1-b"], "arn:aws:eks:us-east-1:1:cluster/a": ["x"]}
        },
    },
    "Services that are exported": {"federation": {"select": "exported"}},
    "Services with labels": {"federation": {"select": "labels tier in (front, back),app"}},
    "our own place told": {"federation": {"topology": {"gce-us-central1": ["us-central1", "us-central1-a"]}}},
    "no upstreams, no probes": {"upstreams": [], "federation": {"probe": False}},
    "more lines": {
        "federation": {"more": "ttl 60\nwitness 192.0.2.1:443\n"},
        "upstreams": ["192.0.2.53", "192.0.2.54"],
    },
    "a whole Corefile": {"corefile": WHOLE, "rules": EXPORTS},
    "all that is optional": {
        "replicas": 3,
        "image": {"digest": f"sha256:{'0' * 64}", "pullSecrets": ["registry"]},
        "service": {"clusterIP": "10.96.0.53", "annotations": {"a": "b"}},
        "serviceAccount": {"name": "other"},
        "snapshot": {"claim": "state"},
        "lameduck": 20,
        "priorityClassName": "",
        "nodeSelector": {"pool": "dns"},
        "tolerations": [{"key": "dns", "operator": "Exists"}],
        "podAnnotations": {"c": "d"},
        "podLabels": {"e": "f"},
        "networkPolicy": {"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "metricsFrom": [{"podSelector": {}}]},
    },
    "no policy": {"networkPolicy": {"enabled": False}},
}


def joined(values: dict[str, Any]) -> dict[str, Any]:
    """Return values with what must be said."""
    return {**values, "federation": {**TOLD["federation"], **values.get("federation", {})}}

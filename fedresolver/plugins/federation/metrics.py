"""What is counted of a federation."""

from fedresolver.observe.metrics import Metrics


class FederationMetrics:
    """The numbers of all federations of the process."""

    def __init__(self, metrics: Metrics) -> None:
        self.members = metrics.gauge(
            "fedresolver_federation_members",
            "Member clusters, by what their word counts.",
            ("federation", "phase"),
            read=True,
        )
        self.remotes = metrics.gauge(
            "fedresolver_federation_remote_members",
            "Member clusters but the local one, by what their word counts.",
            ("federation", "phase"),
            read=True,
        )
        self.phases = metrics.gauge(
            "fedresolver_federation_member_phase",
            "1 for the phase that a member is in.",
            ("federation", "member", "phase"),
            read=True,
        )
        self.services = metrics.gauge(
            "fedresolver_federation_services",
            "Services that some member has and selects.",
            ("federation",),
            read=True,
        )
        self.collisions = metrics.counter(
            "fedresolver_federation_collisions_total",
            "Times that a local namespace called like the federation was seen to come.",
            ("federation",),
        )
        self.left_out = metrics.counter(
            "fedresolver_federation_left_out_total",
            "Services in a namespace that is not their member's, and addresses that no load balancer has.",
            ("federation", "member", "why"),
        )

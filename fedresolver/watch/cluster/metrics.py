"""What is counted of members that are API servers."""

from fedresolver.observe.metrics import Metrics

_BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)


class ClusterMetrics:
    """The numbers of all such members of the process; labels are the federation and the member."""

    def __init__(self, metrics: Metrics) -> None:
        both = ("federation", "member")
        self.events = metrics.counter(
            "fedresolver_federation_events_total", "Objects that an API server told to be new, changed or gone.", both
        )
        self.lists = metrics.counter(
            "fedresolver_federation_lists_total", "Times that a kind of objects was listed whole.", (*both, "kind")
        )
        self.errors = metrics.counter(
            "fedresolver_federation_errors_total",
            "Requests to API servers that failed, by how, and objects that could not be believed.",
            (*both, "error"),
        )
        self.objects = metrics.gauge(
            "fedresolver_federation_objects", "Objects that are held of a member.", (*both, "kind")
        )
        self.age = metrics.gauge(
            "fedresolver_federation_evidence_age_seconds", "For how long a member was not heard of whole.", both
        )
        self.trouble = metrics.gauge(
            "fedresolver_federation_member_trouble",
            "1 for what keeps a member from being read; none while nothing does.",
            (*both, "trouble"),
            read=True,
        )
        self.expiry = metrics.gauge(
            "fedresolver_federation_credential_expiry_timestamp_seconds",
            "When what is shown to an API server ends, as far as it says.",
            both,
            read=True,
        )
        self.issued = metrics.gauge(
            "fedresolver_federation_credential_issued_timestamp_seconds",
            "From when it is good, as far as it says.",
            both,
            read=True,
        )
        self.programming = metrics.histogram(
            "fedresolver_federation_programming_duration_seconds",
            "From the time stamp of a change of endpoints in a member to the changed answer.",
            ("federation",),
            _BUCKETS,
        )

    def forget(self, federation: str, member: str) -> None:
        """Drop the numbers of a member that has left."""
        for family in (self.events, self.lists, self.errors, self.objects, self.age):
            family.clear(federation, member)

"""What a request is refused with: the Status objects of the API server, in its words."""

from tests.support.stub_api.answer import Answer, json_answer

Json = dict[str, object]

TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new list without "
    "the continue parameter, or use the continue token in this response to retrieve the remainder of the results."
)
NO_STREAM = (
    'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch '
    "unless the WatchList feature gate is enabled"
)
NO_MATCH = (
    'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting '
    "resourceVersionMatch to NotOlderThan"
)
_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    406: "NotAcceptable",
    410: "Expired",
    422: "Invalid",
    429: "TooManyRequests",
    500: "InternalError",
    503: "ServiceUnavailable",
    504: "Timeout",
}


def status(code: int, message: str, **metadata: object) -> Json:
    """Return the Status object of a failure."""
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": metadata,
        "status": "Failure",
        "message": message,
        "reason": _REASONS.get(code, ""),
        "code": code,
    }


def refusal(code: int, message: str, **metadata: object) -> Answer:
    """Return the answer that carries this Status."""
    return json_answer(status(code, message, **metadata), code)


class RefusedError(Exception):
    """A request that cannot be served, with the answer that says so."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer

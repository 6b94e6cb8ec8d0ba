"""The resources that the stub serves, and where."""

import msgspec

GROUP = "multicluster.x-k8s.io"
"""The API group of ServiceExports; a member may have it, or not."""


class Resource(msgspec.Struct, frozen=True):
    """A resource: `name` as in RBAC rules, `prefix` what its path begins with."""

    name: str
    kind: str
    prefix: str
    api_version: str
    namespaced: bool = True
    custom: bool = False

    @property
    def path(self) -> str:
        """Return the path of the list over all namespaces."""
        return f"{self.prefix}/{self.name}"


_BUILT_IN = (
    Resource("services", "Service", "/api/v1", "v1"),
    Resource("endpointslices", "EndpointSlice", "/apis/discovery.k8s.io/v1", "discovery.k8s.io/v1"),
    Resource("nodes", "Node", "/api/v1", "v1", namespaced=False),
    Resource("namespaces", "Namespace", "/api/v1", "v1", namespaced=False),
)


def resources(exports: str | None) -> tuple[Resource, ...]:
    """Return what is served when ServiceExports are known in this version, or not at all."""
    if exports is None:
        return _BUILT_IN
    version = f"{GROUP}/{exports}"
    return (*_BUILT_IN, Resource("serviceexports", "ServiceExport", f"/apis/{version}", version, custom=True))


def group(exports: str) -> dict[str, object]:
    """Return what `GET /apis/GROUP` says of the version in which ServiceExports are known."""
    version = {"groupVersion": f"{GROUP}/{exports}", "version": exports}
    return {"kind": "APIGroup", "apiVersion": "v1", "name": GROUP, "versions": [version], "preferredVersion": version}

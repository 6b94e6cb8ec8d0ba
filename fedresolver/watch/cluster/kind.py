"""The kinds of objects that are read of a member, and where its API server has them."""

import msgspec

from fedresolver.model.objects import Object
from fedresolver.watch.kube import api
from fedresolver.watch.kube.slim import KEPT_AS

EXPORTS_GROUP = "/apis/multicluster.x-k8s.io"
"""Where an API server says which versions of ServiceExport it has."""


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind: `name` is the resource's as in RBAC rules, `path` that of its list over all namespaces.

    `bare` is whether the metadata is all that is read. `optional` is whether a member is listed without it, when it is
    forbidden from the start. `group` is set where the version must be asked for: then `path` follows it.
    """

    name: str
    path: str
    shape: type[api.Known]
    bare: bool = False
    optional: bool = False
    field_selector: str = ""
    group: str = ""

    @property
    def kept_as(self) -> type[Object]:
        """What is kept of an object of the kind."""
        return KEPT_AS[self.shape]

    @property
    def api_group(self) -> str:
        """The API group as RBAC rules name it, empty for the core."""
        path = self.group or self.path
        return path.split("/")[2] if path.startswith("/apis/") else ""


SERVICES = Kind(name="services", path="/api/v1/services", shape=api.Service)
SLICES = Kind(name="endpointslices", path="/apis/discovery.k8s.io/v1/endpointslices", shape=api.EndpointSlice)
NODES = Kind(name="nodes", path="/api/v1/nodes", shape=api.Node, bare=True, optional=True)
NAMESPACES = Kind(name="namespaces", path="/api/v1/namespaces", shape=api.Namespace, bare=True, optional=True)
EXPORTS = Kind(name="serviceexports", path="/serviceexports", shape=api.ServiceExport, bare=True, group=EXPORTS_GROUP)


def one_node(name: str) -> Kind:
    """Return the kind that is one Node only."""
    return Kind(
        name="nodes", path=NODES.path, shape=api.Node, bare=True, optional=True, field_selector=f"metadata.name={name}"
    )

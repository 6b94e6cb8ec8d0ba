"""Where clusters are: a topology zone in a region."""

import msgspec


class Place(msgspec.Struct, frozen=True, gc=False, order=True, array_like=True):
    """A topology zone in a region, both DNS labels; `topology_zone` is empty where only the region is known.

    Kubernetes knows them as the node labels `topology.kubernetes.io/region` and `/zone`.
    """

    region: str
    topology_zone: str = ""

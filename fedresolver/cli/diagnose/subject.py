"""Which federation is looked at, and under which names pods ask it."""

from collections.abc import Sequence

import msgspec

from fedresolver.cli.diagnose.verdict import Unseen
from fedresolver.status.documents import Federation

CLUSTER_DOMAIN = "cluster.local"
_LABELS_OF_NAME = 3


class Subject(msgspec.Struct, frozen=True):
    """The federation `name`; `inside` is the zone of it that pods ask, without its final dot.

    `domain` is the domain of the cluster that they are in, as it is known here, and `asked` the name that does not
    resolve, empty where none is named. `public` is the public domain, empty where it is not known.
    """

    name: str
    inside: str
    domain: str = CLUSTER_DOMAIN
    asked: str = ""
    public: str = ""


def matching(asked: str, federations: Sequence[Federation]) -> Federation | None:
    """Return the federation that a name is of; the first where no name is asked for."""
    if not asked:
        return federations[0] if federations else None
    name = f".{canonical(asked)}"
    zones = ((one, canonical(zone)) for one in federations for zone in (one.inside, one.bare, one.domain))
    return next((one for one, zone in zones if name.endswith(f".{zone}")), None)


def subject(asked: str, federations: Sequence[Federation] | None) -> Subject | Unseen:
    """Return what is looked at; `federations` are those that are configured, None where that is not known.

    Then a name `S.N.F` says which federation is meant.
    """
    if federations is not None:
        found = matching(asked, federations)
        if found is None:
            return Unseen(
                f"the server has no federation that {asked} is of" if asked else "the server has no federation"
            )
        inside = canonical(found.inside)
        return Subject(found.name, inside, inside.partition(".svc.")[2], canonical(asked), canonical(found.domain))
    labels = canonical(asked).split(".")
    if len(labels) < _LABELS_OF_NAME:
        return Unseen("no federation is known here: name SERVICE.NAMESPACE.FEDERATION, or --server, or --conf")
    name = labels[2]
    domain = ".".join(labels[4:]) if labels[3:4] == ["svc"] else CLUSTER_DOMAIN
    return Subject(name, f"{name}.svc.{domain}", domain, canonical(asked))


def canonical(name: str) -> str:
    """Return a name in small letters and without its final dot."""
    return name.lower().removesuffix(".")

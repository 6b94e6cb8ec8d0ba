"""What a running server tells of itself, as it stands in JSON: written by the server, read by the commands."""

import msgspec

from fedresolver.walk.story import Step

VERSION = "v1"
"""The version of these documents, the first part of their paths; a field may be added, none changes its meaning."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What is told at once."""


class KindRead(Document, frozen=True, kw_only=True):
    """One kind of objects that is read of a member, `name` as RBAC rules have it.

    `phase` is where reading it fails now, empty where it does not, `why` what went wrong, and `forbidden` whether that
    is a right that is missing. `optional` is whether the member is taken without it.
    """

    name: str
    phase: str = ""
    forbidden: bool = False
    optional: bool = False
    why: str = ""


class Cluster(Document, frozen=True, kw_only=True):
    """A member cluster: what `fedresolver clusters` has a line for.

    `age` is for how many seconds the server knows it, `heard` how many ago it was last known to be as it is held, None
    where it never was. `phase` is where reading it fails now (`dial`, `tls`, `credentials`, `list`, `watch`), empty
    where it does not, `why` what went wrong, and `next` what would help.
    `kinds` is the same for each kind of objects that is read. `skew` is by how many seconds the clock of its API server
    is ahead of ours, to half a second; None where that has not said what time it has.
    """

    name: str
    federation: str
    status: str
    version: str = ""
    age: float = 0.0
    regions: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    shards: int = 0
    local: bool = False
    source: str = ""
    heard: float | None = None
    phase: str = ""
    why: str = ""
    next: str = ""
    kinds: tuple[KindRead, ...] = ()
    skew: float | None = None


class ShardOf(Document, frozen=True, kw_only=True):
    """A shard of a Service: the member that has it, and how it stands for clients of other clusters.

    `left_out` are addresses of its load balancer that no load balancer has (`allow_addresses`).
    """

    member: str
    state: str
    healthy: bool
    ready: int
    total: int
    addresses: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class Service(Document, frozen=True, kw_only=True):
    """A federated Service: its shards, and the level at which a client here is answered now.

    `names` are the name that pods ask and the global one.
    """

    name: str
    namespace: str
    federation: str
    healthy: int
    answered: str
    names: tuple[str, ...] = ()
    shards: tuple[ShardOf, ...] = ()


class Record(Document, frozen=True, kw_only=True):
    """A resource record as text (RFC 1035 5.1); `ttl` in seconds."""

    owner: str
    ttl: int
    type: str
    data: str


class Zone(Document, frozen=True, kw_only=True):
    """A zone with all its records, the SOA first."""

    name: str
    serial: int
    records: tuple[Record, ...]


class Explanation(Document, frozen=True, kw_only=True):
    """Why a question gets its answer: `rcode` and `answer` are what is sent, `steps` how that was found.

    `member` is the cluster from which it is asked, empty where that is none; `level` the part of the federation that
    answers. `at` is the time that is told of, in seconds since the epoch. `plugin` is who answers; only names of a
    federation have a Service and steps.
    """

    name: str
    type: str
    at: float
    rcode: str
    answer: tuple[Record, ...] = ()
    plugin: str = ""
    text: str = ""
    federation: str = ""
    service: str = ""
    member: str = ""
    level: str = ""
    steps: tuple[Step, ...] = ()


class Difference(Document, frozen=True, kw_only=True):
    """A name whose answer would change."""

    name: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    level_before: str
    level_after: str


class Snapshot(Document, frozen=True, kw_only=True):
    """The file in which a federation's state is kept.

    `written` is how many seconds ago it was, None where it was not since the start; `waiting` whether something has
    changed since then, and `why` what keeps it from being written, empty where nothing does.
    """

    path: str
    written: float | None = None
    waiting: bool = False
    why: str = ""


class Federation(Document, frozen=True, kw_only=True):
    """A federation that is served: its zones, and the member that the server runs in, empty where none is named.

    `inside` is where the Services are that pods ask for, `bare` is its own name, `domain` the public one. `snapshot` is
    None where none is kept.
    """

    name: str
    inside: str
    bare: str
    domain: str
    local: str = ""
    snapshot: Snapshot | None = None


class Upstream(Document, frozen=True, kw_only=True):
    """A server that names of `zone` are forwarded to; `state` is `up`, `suspect`, `down` or `loops`."""

    to: str
    zone: str
    state: str


class Server(Document, frozen=True, kw_only=True):
    """The process: its version, for how many seconds it runs, and what keeps it from being ready.

    `host` is the name of the machine that it sees itself on, `pid` its number there, `file` its configuration.
    `listening` are the addresses where it answers: `dns://127.0.0.1:53`, `http://127.0.0.1:8053`.
    """

    version: str
    uptime: float
    ready: bool
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    host: str = ""
    pid: int = 0
    file: str = ""
    listening: tuple[str, ...] = ()
    federations: tuple[Federation, ...] = ()
    upstreams: tuple[Upstream, ...] = ()


class Problem(Document, frozen=True, kw_only=True):
    """Why a question to the status page has no answer, in one line that says what would be right."""

    error: str


class Clusters(Document, frozen=True, kw_only=True):
    """All member clusters."""

    clusters: tuple[Cluster, ...]


class Services(Document, frozen=True, kw_only=True):
    """Some of the federated Services, in the order of their names; `next` is where to go on, empty at the end."""

    services: tuple[Service, ...]
    next: str = ""


class Zones(Document, frozen=True, kw_only=True):
    """The names of the zones whose records can be asked for."""

    zones: tuple[str, ...]


class Differences(Document, frozen=True, kw_only=True):
    """Every name whose answer would change, of so many that were compared."""

    differences: tuple[Difference, ...]
    compared: int


class Transition(Document, frozen=True, kw_only=True):
    """Something that has changed: `number` counts them, `at` is in seconds since the epoch.

    It is of a member or, with `service`, of its shard of that: `before` and `after` are what was and what is, in a few
    words. `age` is for how many seconds nothing was heard of the member by then, None while its word was current.
    """

    number: int
    at: float
    federation: str
    member: str
    service: str = ""
    before: str
    after: str
    age: float | None = None


class Transitions(Document, frozen=True, kw_only=True):
    """The last transitions, the newest last, and from when on all are known, in seconds since the epoch."""

    transitions: tuple[Transition, ...]
    begins: float

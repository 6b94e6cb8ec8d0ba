"""All checks, in the order of a packet's way."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from fedresolver.cli.diagnose import (
    federation,
    listener,
    member,
    page,
    resolv_conf,
    service,
    snapshot,
    stub_domain,
    upstream,
    written,
)
from fedresolver.cli.diagnose.evidence import Evidence
from fedresolver.cli.diagnose.page import Page
from fedresolver.cli.diagnose.subject import Subject
from fedresolver.cli.diagnose.verdict import State, Unseen, Verdict, skip
from fedresolver.status.documents import Cluster

T = TypeVar("T")
Rule = Callable[[Evidence], Verdict]


class Check(msgspec.Struct, frozen=True):
    """What is looked at, in a word and in a few, and the rule that says how it stands."""

    name: str
    looks: str
    rule: Rule


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """What a check has found."""

    name: str
    looks: str
    state: State
    seen: str
    mend: str = ""


def found(evidence: Evidence) -> tuple[Finding, ...]:
    """Return what all checks find, in their order."""
    return tuple(_finding(check, check.rule(evidence)) for check in CHECKS)


def _finding(check: Check, verdict: Verdict) -> Finding:
    return Finding(name=check.name, looks=check.looks, state=verdict.state, seen=verdict.seen, mend=verdict.mend)


def _with(what: T | Unseen, rule: Callable[[T], Verdict]) -> Verdict:
    """Return what a rule says of what was seen; SKIPPED, and why, where it was not."""
    return skip(what.why) if isinstance(what, Unseen) else rule(what)


def _about(rule: Callable[[Page, Subject], Verdict]) -> Rule:
    """Return a check that looks at what the status pages say of the federation in question."""
    return lambda all_: _with(all_.page, lambda seen: _with(all_.subject, lambda it: rule(seen, it)))


def _members(rule: Callable[[tuple[Cluster, ...]], Verdict]) -> Rule:
    """Return a check that looks at the members of the federation in question."""
    return _about(lambda seen, it: rule(_of(seen, it)))


def _of(seen: Page, subject: Subject) -> tuple[Cluster, ...]:
    return tuple(one for one in seen.clusters if one.federation == subject.name)


def _loop(evidence: Evidence) -> Verdict:
    seen = evidence.page
    upstreams = () if isinstance(seen, Unseen) else seen.server.upstreams
    looping = next((one.to for one in upstreams if one.state == upstream.LOOPS), None)
    return _with(evidence.stub, stub_domain.stays) if looping is None else stub_domain.loops(looping)


def _federation(evidence: Evidence) -> Verdict:
    def judge(seen: Page) -> Verdict:
        return federation.served(evidence.asked, seen.server.federations, evidence.listeners)

    return _with(evidence.page, judge)


@_about
def _local(seen: Page, it: Subject) -> Verdict:
    return federation.local(it, seen.server.federations, seen.clusters)


@_about
def _service(seen: Page, _: Subject) -> Verdict:
    return _with(seen.explanation, service.answered)


@_about
def _balancers(seen: Page, it: Subject) -> Verdict:
    services = tuple(one for one in seen.services if one.federation == it.name)
    if isinstance(seen.explanation, Unseen):
        return service.balancers(service.Shards(services, named=False))
    wanted = seen.explanation.service
    named = tuple(one for one in services if f"{one.namespace}/{one.name}" == wanted)
    return service.balancers(service.Shards(named, named=True))


def _snapshot(evidence: Evidence) -> Verdict:
    def judge(seen: Page, it: Subject) -> Verdict:
        its = next(one.snapshot for one in seen.server.federations if one.name == it.name)
        return snapshot.kept(snapshot.Kept(its, evidence.there))

    return _about(judge)(evidence)


CHECKS = (
    Check("nameserver", "whom a pod asks", lambda all_: _with(all_.conf, resolv_conf.nameserver)),
    Check(
        "search",
        "what a pod adds to names",
        lambda all_: _with(all_.conf, lambda it: resolv_conf.search(it, all_.subject)),
    ),
    Check("ndots", "to which names a pod adds it", lambda all_: _with(all_.conf, resolv_conf.ndots)),
    Check(
        "stub domain", "whether the cluster's DNS hands the names on", lambda all_: _with(all_.stub, stub_domain.handed)
    ),
    Check("stub domain loop", "whether they stay where they are handed to", _loop),
    Check("udp", "whether the server answers over UDP", lambda all_: _with(all_.listeners, listener.over_udp)),
    Check("tcp", "whether the server answers over TCP", lambda all_: _with(all_.listeners, listener.over_tcp)),
    Check("edns", "whether EDNS comes through", lambda all_: _with(all_.listeners, listener.edns)),
    Check("corefile", "the configuration", lambda all_: _with(all_.corefile, written.good)),
    Check("federation", "whether the name is of a federation that is served", _federation),
    Check("local member", "the member that the server runs in", _local),
    Check("dial", "connections to the API servers", _members(member.dial)),
    Check("tls", "certificates of the API servers", _members(member.tls)),
    Check("credentials", "whether the API servers know us", _members(member.credentials)),
    Check("rights", "list and watch of each kind of objects", _members(member.rights)),
    Check("members", "whether the members are read", _members(member.read)),
    Check("labels", "regions and topology zones of Nodes", _members(member.labels)),
    Check("name", "whether the name has an answer", _service),
    Check("load balancers", "addresses of the Service's shards", _balancers),
    Check("clock", "clocks of the API servers and of the server", _members(member.clock)),
    Check("snapshot", "the file that outlives a restart", _snapshot),
    Check("upstreams", "those whom other names are forwarded to", lambda all_: _with(all_.upstreams, upstream.answers)),
    Check("status page", "whether the server tells of itself", lambda all_: page.reached(all_.page)),
    Check(
        "version",
        "of the server and of this command",
        lambda all_: _with(all_.page, lambda it: page.version(it, all_.version)),
    ),
)

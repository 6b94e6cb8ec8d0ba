"""Whether the name is answered, and whether its shards can be reached from outside of their clusters."""

import shlex
from collections.abc import Sequence

import msgspec

from fedresolver.cli.diagnose.verdict import Verdict, fail, fine, skip
from fedresolver.status.documents import Explanation, Service, ShardOf


class Shards(msgspec.Struct, frozen=True):
    """The Services that are looked at; `named` is whether somebody asked for just this one."""

    services: tuple[Service, ...]
    named: bool


def answered(explanation: Explanation) -> Verdict:
    """Say whether the name has an answer with records; a chain that leads nowhere is none."""
    found = f"{explanation.name} {explanation.type}: {explanation.rcode}"
    why = f" ({explanation.text})" if explanation.text else ""
    if explanation.rcode == "NOERROR" and any(one.type == explanation.type for one in explanation.answer):
        return fine(found + why)
    return fail(f"{found}, no records{why}", f"fedresolver explain {shlex.quote(explanation.name.removesuffix('.'))}")


def balancers(shards: Shards) -> Verdict:
    """Say whether load balancers have addresses, and ones that are believed."""
    if not shards.services:
        return skip("there is no such Service" if shards.named else "there are no federated Services")
    for service in shards.services:
        for shard in service.shards:
            if shard.left_out:
                what = f"{_of(service, shard)}: left out, for no load balancer has it: {', '.join(shard.left_out)}"
                return fail(what, f"in the federation's block: allow_addresses {_network(shard.left_out)}")
    return (
        _addresses(shards.services) if shards.named else fine(f"{len(shards.services)} Services, nothing is left out")
    )


def _addresses(services: Sequence[Service]) -> Verdict:
    for service in services:
        for shard in service.shards:
            if shard.ready and not shard.addresses:
                what = f"{_of(service, shard)}: {shard.ready} ready, but no load balancer: others are never sent there"
                command = (
                    f"kubectl --context {shlex.quote(shard.member)} -n {service.namespace} patch service {service.name}"
                )
                return fail(what, f"""{command} -p '{{"spec":{{"type":"LoadBalancer"}}}}'""")
    every = (f"{shard.member} {', '.join(shard.addresses)}" for one in services for shard in one.shards)
    return fine("; ".join(every) or "no shards")


def _of(service: Service, shard: ShardOf) -> str:
    return f"{service.namespace}/{service.name} in {shard.member}"


def _network(addresses: Sequence[str]) -> str:
    return " ".join(f"{one}/{128 if ':' in one else 32}" for one in addresses)

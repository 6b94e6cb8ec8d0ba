"""What an old configuration says, as our Corefile."""

from collections.abc import Iterator

from fedresolver.cli.migrate.found import Found

MEMBER = "this-cluster"


def lines(found: Found) -> Iterator[str]:
    """Yield the lines of a Corefile; what its operator must look at stands in comments."""
    for note in found.notes:
        yield f"# {note}"
    yield "# Members are read from the kubeconfig, a context each; how to make it: `federation` in the manual."
    yield ".:53 {"
    yield from ("    errors", "    health", "    ready", "    prometheus :9153", "    status")
    for name, domain in found.federations.items():
        yield from _federation(found, name, domain)
    yield from ("    cache 30", "    loadbalance")
    yield f"    forward . {' '.join(found.upstreams or ('/etc/resolv.conf',))}"
    yield from ("    reload", "    loop", "}")
    for domain, addresses in found.stubs.items():
        if _is_ours(found, domain):
            yield f"# stub domain {domain} was for the federation's names: fedresolver answers them itself now"
            continue
        yield from (f"{domain}:53 {{", "    errors", "    cache 30", f"    forward . {' '.join(addresses)}", "}")


def _federation(found: Found, name: str, domain: str) -> Iterator[str]:
    yield f"    federation {name} {domain} {{"
    yield f"        cluster_domain {found.cluster_domain}"
    yield f"        in_cluster {MEMBER}    # call it what the other clusters' operators call it"
    yield "        kubeconfig /etc/fedresolver/kubeconfig"
    yield "    }"


def _is_ours(found: Found, domain: str) -> bool:
    """Say whether a stub domain was where federated names were asked for."""
    ends = [
        end for name, domain_ in found.federations.items() for end in (f"{name}.svc.{found.cluster_domain}", domain_)
    ]
    return domain in ends

"""What is allowed in a server block, but seldom meant: who does it is told so."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from fedresolver.chain.plugin import Plugin
from fedresolver.config.corefile import ServerBlock
from fedresolver.config.key import Key
from fedresolver.run.open_resolver import own_addresses, public_addresses
from fedresolver.server.router import Block


def cautions(
    server_block: ServerBlock, block: Block, plugins: Iterable[Plugin], hosts: tuple[str, ...]
) -> Iterator[str]:
    """Yield warnings about a server block that listens at `hosts`, each a whole sentence with its place."""
    if block.encryption is None:
        yield from _in_the_clear(server_block, hosts)
    elif not any(key.transport in ("tls", "https") for key in server_block.keys):
        yield _unused(server_block.keys[0])
    if block.recursive:
        closed = {version for plugin in plugins for version in plugin.closed}
        yield from (_opens(server_block.keys[0], one) for one in public_addresses(hosts, own_addresses, closed))


def _in_the_clear(server_block: ServerBlock, hosts: tuple[str, ...]) -> Iterator[str]:
    """Warn of https:// that is HTTP, and can be reached by others than a proxy on this machine."""
    key = next((key for key in server_block.keys if key.transport == "https"), None)
    if key is not None and not all(ip_address(host).is_loopback for host in hosts):
        yield (
            f"{_place(key)}: https:// without `tls` speaks HTTP, which anybody on the way can read and change; "
            "write `tls CERT KEY`, or `bind` it to where only a proxy with a certificate can reach it"
        )


def _unused(key: Key) -> str:
    return (
        f"{_place(key)}: this server block has a certificate, and answers in clear text: its key "
        f"does not begin with tls:// or https://; write `tls://{key.zone}` beside it"
    )


def _opens(key: Key, address: str) -> str:
    return (
        f"{_place(key)}: {address} is a public address, and this block forwards whatever is asked there: "
        "an open resolver serves attacks on others; `bind` it to private addresses, or keep strangers away with `acl`"
    )


def _place(key: Key) -> str:
    return f"{key.token.file}:{key.token.line}"

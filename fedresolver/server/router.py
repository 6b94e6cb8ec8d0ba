"""Which server block a question belongs to: the one with the longest zone that the name is in."""

from collections.abc import Mapping

import msgspec

from fedresolver.chain.handler import Handler, refuse
from fedresolver.chain.plugin import Encryption, Gate, Https, Observer, Options
from fedresolver.wire.name import ROOT, Name
from fedresolver.wire.query import Query
from fedresolver.wire.tsig import NO_KEYS, Keyring


class Block(msgspec.Struct, frozen=True):
    """A server block as a listener sees it: a handler, who is shown its answers, and whether it forwards (RA).

    `aside` handles what is no ordinary question. `gates` may answer before any of that. `options` add EDNS options to
    responses; `udp_size` is how many octets one may have over UDP, 0 for what is usual. `keyring` has the keys that its
    queries may be signed with. `encryption` is how to speak TLS where the transport wants it, `https` how to answer
    over HTTPS. `notified` is whether `aside` takes NOTIFYs.
    """

    handler: Handler
    observers: tuple[Observer, ...] = ()
    recursive: bool = False
    aside: Handler = refuse
    gates: tuple[Gate, ...] = ()
    options: tuple[Options, ...] = ()
    udp_size: int = 0
    keyring: Keyring = NO_KEYS
    encryption: Encryption | None = None
    https: Https = Https()
    notified: bool = False


class Router:
    """The blocks of one listening address by zone; `notified` is whether NOTIFYs are for any of them.

    `default` is the block for messages of which it is not known what they ask, None where there is no telling.
    """

    def __init__(self, blocks: Mapping[Name, Block]) -> None:
        self._blocks: dict[bytes, Block] = dict(blocks.items())
        self.notified = any(block.notified for block in blocks.values())
        self.default = self._default(list(blocks.values()))
        self._only = self._blocks.get(ROOT) if len(self._blocks) == 1 else None

    def _default(self, blocks: list[Block]) -> Block | None:
        only = blocks and all(block is blocks[0] for block in blocks)
        return self._blocks.get(ROOT) or (blocks[0] if only else None)

    def match(self, query: Query) -> tuple[Block, Name] | None:
        """Return the block and its zone for a query; None when no zone covers the name."""
        if self._only is not None:
            return self._only, ROOT
        for start in query.starts:
            block = self._blocks.get(query.qname[start:])
            if block is not None:
                return block, Name(query.qname[start:])
        return None

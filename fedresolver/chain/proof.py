"""Which queries come from where they say: plugins that can tell, and plugins that want to know, meet here."""

from collections.abc import Callable
from typing import TypeAlias

from fedresolver.chain.handler import Client
from fedresolver.wire.query import Query

Proof: TypeAlias = Callable[[Query, Client], bool]
"""Says whether a query has something that only who receives at the client's address can know."""


class Proofs(list[Proof]):
    """The proofs that the plugins of a server block know; `setup.shared.part(Proofs)` is the one of the block."""

    def proven(self, query: Query | None, client: Client) -> bool:
        """Say whether one of them holds; never without a query."""
        return query is not None and any(proof(query, client) for proof in self)

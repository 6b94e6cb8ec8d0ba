"""What listens for DNS over HTTPS."""

import socket
from collections.abc import Sequence

from fedresolver.run.listener import Blocks
from fedresolver.run.places import Address, label
from fedresolver.run.stream import StreamListener, encryption
from fedresolver.server.https.listener import HttpsListener, Manner
from fedresolver.server.tcp import TcpListener


class DohListener(StreamListener):
    """DNS over HTTPS (RFC 8484), or over HTTP where no certificate is named."""

    def make(self, address: Address, blocks: Blocks, ours: Sequence[socket.socket]) -> TcpListener:
        """Return what will listen; OSError when the address cannot be had."""
        manner = self._manner(address, blocks)
        return HttpsListener(address, self.resolver, self.means.clock, ours, manner, encryption(blocks))

    def adapt(self, tcp: TcpListener, blocks: Blocks) -> None:
        """Have it do as other blocks say, for those who come from now on."""
        super().adapt(tcp, blocks)
        if isinstance(tcp, HttpsListener):
            tcp.manner = self._manner(self._wanted, blocks)

    def _manner(self, address: Address, blocks: Blocks) -> Manner:
        def count(status: int) -> None:
            self.means.https.add(label("https", address[1]), str(status))

        return Manner(https=next(iter(blocks.values())).https, count=count)

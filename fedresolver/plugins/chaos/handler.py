"""Answers in class CH, which say nothing of the world but of the server."""

from collections.abc import Iterable

from fedresolver.chain.handler import Handler, Reply, Request, Wrap
from fedresolver.wire.const import CLASS_CH, Type
from fedresolver.wire.name import Name, from_text
from fedresolver.wire.rr import RRset, txt_rdata

VERSION = ("version.bind", "version.server")
HOST = ("hostname.bind", "id.server")
AUTHORS = ("authors.bind",)
LONGEST = 255
"""Octets of a string in a TXT record; what is longer is cut."""
_ASKED = frozenset((Type.TXT, Type.ANY))


def chaos(version: str, authors: Iterable[str], host: str) -> Wrap:
    """Return the link that answers TXT of these names in class CH, and passes all else on."""
    said = _said(VERSION, (version,)) | _said(AUTHORS, authors) | _said(HOST, (host,))

    def wrap(next_: Handler) -> Handler:
        async def handle(request: Request) -> Reply:
            query = request.query
            rdatas = said.get(query.qname)
            if rdatas is None or query.qclass != CLASS_CH or query.qtype not in _ASKED or query.opcode:
                return await next_(request)
            return Reply(answer=(RRset(query.qname, Type.TXT, 0, rdatas),), plugin="chaos")

        return handle

    return wrap


def _said(names: Iterable[str], texts: Iterable[str]) -> dict[Name, tuple[bytes, ...]]:
    rdatas = tuple(txt_rdata(text.encode()[:LONGEST]) for text in texts)
    return {from_text(name): rdatas for name in names}

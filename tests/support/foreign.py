"""Other servers from text, and what a client reads of a reply."""

import asyncio
from ipaddress import ip_address

import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype

from fedresolver.chain.handler import Reply
from fedresolver.wire.const import Rcode, Type
from fedresolver.wire.name import from_text, to_text
from fedresolver.wire.rr import RRset


def rrset(text):
    """Return the RRset of `OWNER TTL TYPE DATA[ | DATA...]`."""
    owner, ttl, mnemonic, data = text.split(maxsplit=3)
    rtype = dns.rdatatype.from_text(mnemonic)
    rdatas = tuple(
        dns.rdata.from_text(dns.rdataclass.IN, rtype, one.strip(), dns.name.root, relativize=False).to_wire() for one in data.split("|")
    )  # fmt: skip
    return RRset(from_text(owner), int(rtype), int(ttl), rdatas)


def reply(text, **parts):
    """Return another server's reply: `[RCODE;] ANSWER; ANSWER... [/ AUTHORITY; ...]`."""
    rcode = Rcode.NOERROR
    head, _, rest = text.partition(" ")
    if head in Rcode.__members__:
        rcode, text = Rcode[head], rest
    answer, _, authority = text.partition("/")
    sections = [tuple(rrset(one) for one in section.split(";") if one.strip()) for section in (answer, authority)]
    fixed = {"foreign": True, "authoritative": False, "plugin": "forward"}
    return Reply(rcode=rcode, answer=sections[0], authority=sections[1], **(fixed | parts))


def told(reply):
    """Return a reply in short: its code, if that is an error, extended error, and records as `TYPE TTL DATA`."""
    words = [] if reply.rcode == Rcode.NOERROR else [Rcode(reply.rcode).name]
    words += [f"EDE{int(reply.ede.code)}"] if reply.ede else []
    for one in (*reply.answer, *reply.authority):
        words.append(f"{Type(one.rtype).name} {one.ttl}" + (f" {_data(one)}" if one.rtype in (1, 5) else ""))
    return ", ".join(words)


def _data(one):
    return " ".join(to_text(rdata) if one.rtype == Type.CNAME else str(ip_address(rdata)) for rdata in one.rdatas)


class Upstream:
    """A handler that answers what `says` holds, after `delay` seconds; `asked` are the moments of the questions."""

    def __init__(self, loop, says):
        self.loop, self.says, self.delay, self.asked = loop, says, 0.0, []

    async def __call__(self, request):
        self.asked.append(self.loop.time())
        if self.delay:
            await asyncio.sleep(self.delay)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says if isinstance(self.says, Reply) else reply(self.says)

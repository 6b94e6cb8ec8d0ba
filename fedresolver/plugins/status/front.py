"""The page at `/`: for a browser one static file, for `curl` and the like plain text."""

import base64
import re
from collections.abc import Iterator
from hashlib import sha256
from importlib.resources import files

from fedresolver.chain.plugin import Response, Visit
from fedresolver.plugins.status.events import EVENT_STREAM, FULL, Feed, Feeds, clusters
from fedresolver.status.directory import Directory
from fedresolver.status.documents import Cluster, Transition
from fedresolver.status.table import ago, moment_text, table

HTML = "text/html; charset=utf-8"
_LAST = 20
_INLINE = re.compile(rb"<(script|style)>(.*?)</\1>", re.DOTALL)


class Front:
    """The page, and the events that keep it up to date."""

    def __init__(self, directory: Directory, feeds: Feeds) -> None:
        self._directory = directory
        self._feeds = feeds
        self._html = files(__package__).joinpath("page.html").read_bytes()
        self._headers = (
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", policy(self._html)),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        )

    async def page(self, visit: Visit) -> Response:
        """Return the page in the form that is asked for: HTML for who names it, text for all others."""
        if "text/html" in visit.accept:
            return Response(200, self._html, HTML, self._headers)
        return Response(200, "".join(f"{line}\n" for line in self._lines()).encode())

    async def events(self, visit: Visit) -> Response:
        """Return what changes, for as long as somebody reads it; 503 where as many as may do so already."""
        if self._feeds.full:
            return Response(503, FULL)
        return Response(200, b"", EVENT_STREAM, (("Cache-Control", "no-store"),), self._feeds.flow())

    def _lines(self) -> Iterator[str]:
        members = clusters(self._directory).clusters
        yield from table(("NAME", "STATUS", "REGION", "ZONES", "SHARDS", "HEARD", "WHY"), map(_of_cluster, members))
        yield ""
        last = Feed(self._directory).last(_LAST)
        yield from table(("WHEN", "MEMBER", "SERVICE", "BEFORE", "AFTER"), map(_of_transition, reversed(last)))


def policy(html: bytes) -> str:
    """Return the policy (CSP 3) that lets a page use its own script and style, ask its own server, and nothing else."""
    sources: dict[str, list[str]] = {"script": [], "style": []}
    for found in _INLINE.finditer(html):
        digest = base64.b64encode(sha256(found[2]).digest()).decode()
        sources[found[1].decode()].append(f"'sha256-{digest}'")
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(sources['script'])}",
            f"style-src {' '.join(sources['style'])}",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def _of_cluster(one: Cluster) -> tuple[str, ...]:
    return one.name, one.status, ",".join(one.regions), ",".join(one.zones), str(one.shards), ago(one.heard), one.why


def _of_transition(one: Transition) -> tuple[str, ...]:
    return moment_text(one.at), one.member, one.service, one.before, one.after

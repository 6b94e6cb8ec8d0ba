"""The picture of the status page in `docs/`: `python -m tests.support.screenshot` takes it anew."""

import shutil
import tempfile
from pathlib import Path

from fedresolver.cli.demo.world import COREFILE, MEMBERS, NEIGHBOURS, SERVICE, SHARD_FILE, write
from tests.support.browser import Page, browser
from tests.support.png import smaller
from tests.support.running import running

PICTURE = Path(__file__).parents[2] / "docs" / "status-page.png"
FAILED = MEMBERS[0]
_WIDTH, _HEIGHT = 1120, 800


def fail(folder: Path) -> None:
    """Have no endpoint of a member ready any more."""
    file = folder / "members" / FAILED.name / SHARD_FILE
    file.write_text(file.read_text().replace("ready: true", "ready: false"))


def take(page: Page, folder: Path) -> bytes:
    """Return the picture of a server with four clusters, one of which has a shard that has failed."""
    write(folder)
    for member in NEIGHBOURS:
        shutil.rmtree(folder / "members" / member.name)
    with running(folder, COREFILE.replace("errors\n", "errors\n    status 127.0.0.1:0\n")) as server:
        host, port = server.server.listeners.http["127.0.0.1", 0].address
        page.size(_WIDTH, _HEIGHT)
        page.scheme("light")
        page.open(f"http://{host}:{port}/")
        page.until("document.title.startsWith('4 of 4')")
        fail(folder)
        page.until("document.querySelector('.change')?.innerText.includes('0 of 3')")
        page.until("document.querySelector('.service .detail')?.innerText.startsWith('3/4')")
        page.value(f"document.querySelector('#name').value = {SERVICE!r}")
        page.value("document.querySelector('#explain').requestSubmit()")
        page.until("document.querySelector('#explained').textContent.includes('answer: ')")
        page.size(_WIDTH, page.value("document.documentElement.scrollHeight"))
        page.value("scrollTo(0, 0)")
        return smaller(page.picture())


def main() -> None:
    """Take the picture."""
    with tempfile.TemporaryDirectory(prefix="fedresolver-screenshot-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "demo").mkdir()
        with browser(folder) as chromium, chromium.page() as page:
            PICTURE.write_bytes(take(page, folder / "demo"))


if __name__ == "__main__":
    main()

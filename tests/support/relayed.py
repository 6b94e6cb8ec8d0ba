"""Status pages as somebody else has them: those of a real server, changed on their way."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Edit = Callable[[dict[str, Any]], None]


@contextmanager
def relayed(url: str, edit: Edit) -> Iterator[str]:
    """Give the address of pages that are those at `url`, of which `/v1/server` is changed by `edit`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with urllib.request.urlopen(url + self.path, timeout=10) as answer:
                octets = answer.read()
            if self.path == "/v1/server":
                document = json.loads(octets)
                edit(document)
                octets = json.dumps(document).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

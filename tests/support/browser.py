"""Chromium without a window, told what to do by its DevTools protocol: a page is opened, used by keyboard, and looked at."""

import asyncio
import base64
import itertools
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.deadline import eventually, until
from tests.support.loop import Loop, looping

Message = dict[str, Any]
START_SECONDS = 60.0
SECONDS = 15.0
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-proxy-server",
    "--lang=en-GB",
    "--remote-debugging-port=0",
)
_KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Backspace": (8, "")}
_SHIFT = 8
_SHOWN = 2000


class Page:
    """A page in a browser; `complaints` are its errors and what its policy (CSP) forbade, `asked` the URLs it loaded."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self._browser = browser
        self._session = session
        self.complaints: list[str] = []
        self.asked: list[str] = []

    def call(self, method: str, **parameters: object) -> Message:
        """Return what a method of the protocol gives."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, url: str) -> None:
        """Go to a page; nothing of the one before is left."""
        self.complaints.clear()
        self.asked.clear()
        self.call("Page.navigate", url=url)
        self.until(f"location.href.startsWith({json.dumps(url)}) && document.readyState === 'complete'")

    def value(self, expression: str) -> Any:
        """Return what an expression in JavaScript gives, or what its promise does."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, expression: str, seconds: float = SECONDS) -> None:
        """Return when an expression is true; AssertionError, with what is seen, where it is not in time."""
        try:
            eventually(lambda: self.value(f"Boolean({expression})"), seconds)
        except AssertionError as error:
            shown = self.value("document.body.innerText")[:_SHOWN]
            raise AssertionError(f"{expression}: {error}; the page has:\n{shown}") from None

    def text(self, selector: str) -> str:
        """Return the text that is seen of the first element that a selector fits."""
        return self.value(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''")

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key, and let it go."""
        code, text = _KEYS[key]
        common = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": _SHIFT * shift}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def write(self, text: str) -> None:
        """Type a text, a key for each character."""
        for character in text:
            self.call("Input.dispatchKeyEvent", type="keyDown", key=character, text=character)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=character)

    def size(self, width: int, height: int, *, mobile: bool = False) -> None:
        """Have a screen of so many pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def scheme(self, name: str) -> None:
        """Prefer a colour scheme, `light` or `dark`."""
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def picture(self) -> bytes:
        """Return what is seen, as a PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png", optimizeForSpeed=False)["data"])

    def take(self, message: Message) -> None:
        """Note what an event of the browser says of the page."""
        parameters = message["params"]
        match message["method"]:
            case "Network.requestWillBeSent":
                self.asked.append(parameters["request"]["url"])
            case "Log.entryAdded":
                self.complaints.append(parameters["entry"]["text"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(parameters["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if parameters["type"] in ("error", "warning", "assert"):
                self.complaints.append(str(parameters["args"]))


class Browser:
    """A browser that runs, behind the websocket that it is told by."""

    def __init__(self, loop: Loop, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._loop = loop
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self._pages: dict[str, Page] = {}

    def call(self, method: str, session: str = "", **parameters: object) -> Message:
        """Return what a method of the protocol gives; AssertionError with what it complains of."""
        found = self._loop.run(self._call(method, session, parameters))
        assert "error" not in found, f"{method}: {found['error']}"
        return found["result"]

    async def _call(self, method: str, session: str, parameters: Message) -> Message:
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        try:
            await self._socket.send_json(message)
            async with asyncio.timeout(SECONDS):
                return await answer
        finally:
            del self._waiting[number]

    @contextmanager
    def page(self) -> Iterator[Page]:
        """Give a page of its own, closed at the end."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.call(f"{domain}.enable")
        try:
            yield page
        finally:
            del self._pages[session]
            self.call("Target.closeTarget", targetId=target)

    async def read(self) -> None:
        """Take what the browser says, until it says no more."""
        async for frame in self._socket:
            message = json.loads(frame.data)
            waiting = self._waiting.get(message.get("id", 0))
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
            elif message.get("sessionId") in self._pages:
                self._pages[message["sessionId"]].take(message)


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Give a browser whose profile is in `folder`; at the end nothing is left of it."""
    profile = folder / "chromium"
    command = ("chromium", *_OPTIONS, f"--user-data-dir={profile}", "about:blank")
    environ = os.environ | {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_CACHE_HOME": str(folder)}
    log = folder / "chromium.log"
    with log.open("wb") as out, looping() as loop:
        child = subprocess.Popen(command, stdout=out, stderr=out, env=environ, start_new_session=True)
        try:
            address = eventually(lambda: _address(profile, child, log), START_SECONDS)
            session, socket, reader, found = loop.run(_connected(loop, address))
            try:
                yield found
            finally:
                loop.run(_left(session, socket, reader))
        finally:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _address(profile: Path, child: "subprocess.Popen[bytes]", log: Path) -> str:
    """Return the URL of the websocket; nothing while it is not known."""
    assert child.poll() is None, f"chromium has ended:\n{log.read_text(errors='replace')}"
    file = profile / "DevToolsActivePort"
    lines = file.read_text().split() if file.exists() else []
    return f"ws://127.0.0.1:{lines[0]}{lines[1]}" if len(lines) == 2 else ""


Connected = tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse, "asyncio.Task[None]", Browser]


async def _connected(loop: Loop, address: str) -> Connected:
    session = aiohttp.ClientSession()
    socket = await session.ws_connect(address, max_msg_size=0)
    found = Browser(loop, socket)
    return session, socket, asyncio.create_task(found.read()), found


async def _left(
    session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, reader: "asyncio.Task[None]"
) -> None:
    await socket.close()
    await until(reader.done)
    await session.close()

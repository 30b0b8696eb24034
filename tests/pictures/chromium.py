"""HTML in, PNG out, by a headless Chromium that is told what to do over its debugging protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars --log-level=3 --remote-debugging-port=0"
).split()
SCALE = 2  # device pixels to a CSS pixel
DEADLINE = 30.0  # seconds to start, and for each picture


class NoChromiumError(Exception):
    """There is no Chromium on the PATH."""


class Chromium:
    """A running browser with one blank page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._session: dict[str, str] = {}

    async def attach(self) -> None:
        """Open a page that `picture` will draw on."""
        target = await self._call("Target.createTarget", url="about:blank")
        session = await self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = {"sessionId": session["sessionId"]}

    async def picture(self, html: str, width: int) -> bytes:
        """Draw a page, so many CSS pixels wide and as high as it needs. Raises ValueError if it needs more width."""
        async with asyncio.timeout(DEADLINE):
            await self._resize(width, 1)
            frame = (await self._call("Page.getFrameTree"))["frameTree"]["frame"]["id"]
            await self._call("Page.setDocumentContent", frameId=frame, html=html)
            needed = await self._measured("document.documentElement.scrollWidth")
            if needed > width:
                raise ValueError(f"The page is {needed} pixels wide, and {needed - width} would be cut off.")
            await self._resize(width, await self._measured("document.body.scrollHeight"))
            return base64.b64decode((await self._call("Page.captureScreenshot", format="png"))["data"])

    async def _measured(self, size: str) -> int:
        return int((await self._call("Runtime.evaluate", expression=size))["result"]["value"])

    async def _resize(self, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": SCALE, "mobile": False}
        await self._call("Emulation.setDeviceMetricsOverride", **size)

    async def _call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol and wait for its result; events that come before it are passed over."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params, **self._session})
        while (reply := await self._socket.receive_json()).get("id") != number:
            pass
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']['message']}")
        result: dict[str, Any] = reply["result"]
        return result


def executable() -> str:
    """Find Chromium on the PATH. Raises NoChromiumError that says what to install."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise NoChromiumError("Pictures are drawn by Chromium, which is not on the PATH: `apt install chromium`.")
    return found


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Chromium]:
    """Run Chromium with a fresh profile for as long as the context lasts."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        async with (
            running(executable(), *FLAGS, f"--user-data-dir={profile}") as process,
            aiohttp.ClientSession() as http,
        ):
            async with asyncio.timeout(DEADLINE):
                address = await debugging_address(process)
            async with http.ws_connect(address, max_msg_size=0) as socket:
                browser = Chromium(socket)
                await browser.attach()
                yield browser


@contextlib.asynccontextmanager
async def running(*command: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a command in a process group of its own, which is ended with the context."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def debugging_address(process: asyncio.subprocess.Process) -> str:
    """Read where the browser listens from what it says while it starts."""
    assert process.stderr is not None
    said = []
    async for line in process.stderr:
        said.append(line.decode(errors="replace"))
        if "DevTools listening on " in said[-1]:
            return said[-1].rpartition(" ")[2].strip()
    raise RuntimeError(f"Chromium did not start: {''.join(said[-5:])}")

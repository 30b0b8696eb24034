"""A real Chroma server on the loopback interface, to be started, killed and started again."""

from __future__ import annotations

import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed


class ChromaServer:
    """Use as a context manager; `url` stays the same when it is restarted."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder

    def start(self) -> None:
        """Start the server without waiting for it."""
        chroma = Path(sys.executable).with_name("chroma")
        options = ["--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen([chroma, "run", *options], stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        """Kill the server."""
        self._process.kill()
        self._process.wait()

    @retry(retry=retry_if_exception_type(OSError), wait=wait_fixed(0.05), stop=stop_after_delay(60))
    def wait(self) -> None:
        """Wait until the server answers."""
        urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=5).close()

    def __enter__(self) -> ChromaServer:
        self.start()
        self.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

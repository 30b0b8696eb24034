"""A bot as a process of its own, sent to the loopback server instead of Discord, and nothing else changed about it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from rag.settings import ROOT
from tests.discord_server.server import DiscordServer

REDIRECT = Path(__file__).parent / "redirect"
SHIPPED = (sys.executable, "-m", "bot")
# no `.env` or key of a developer decides anything; what is compiled is kept, or each bot would compile all of Dateline
SURROUNDINGS = {
    "DATELINE_ENV": os.devnull, "OPENAI_API_KEY": "", "OPENAI_BASE_URL": "", "PYTHONDONTWRITEBYTECODE": ""
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exit:
    """How a bot ended: its exit status (minus the signal that ended it), all it wrote, and how long it took."""

    code: int
    stderr: str
    stdout: str
    seconds: float


class BotProcess:
    """A running bot."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.started = time.monotonic()
        self._ready_at: float | None = None
        self._reading = asyncio.create_task(process.communicate())

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    @property
    def seconds_to_ready(self) -> float:
        """How long after its start the bot was told READY."""
        assert self._ready_at is not None
        return self._ready_at - self.started

    @property
    def rss(self) -> int:
        """Resident memory in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024

    def ready(self) -> None:
        """Note that the bot is ready now."""
        self._ready_at = time.monotonic()

    async def stop(self, within: float = 15.0) -> Exit:
        """Ask the bot to end as a service manager does, with SIGTERM, and wait until it has."""
        return await self._end(signal.SIGTERM, within)

    async def kill(self) -> Exit:
        """End the bot as a power cut does."""
        return await self._end(signal.SIGKILL, 15.0)

    async def ended(self, within: float = 15.0) -> Exit:
        """Wait until the bot ends by itself. Raises TimeoutError when it does not."""
        started = time.monotonic()
        stdout, stderr = await asyncio.wait_for(asyncio.shield(self._reading), within)
        assert self._process.returncode is not None
        seconds = time.monotonic() - started
        return Exit(self._process.returncode, stderr.decode(), stdout.decode(), seconds)

    async def _end(self, by: signal.Signals, within: float) -> Exit:
        with suppress(ProcessLookupError):
            self._process.send_signal(by)
        return await self.ended(within)


@asynccontextmanager
async def bot_process(
    discord: DiscordServer, *, data: Path | None = None, env: Mapping[str, str] = {},
    command: Sequence[str] = SHIPPED, wait: bool = True, within: float = 60.0,
) -> AsyncIterator[BotProcess]:  # fmt: skip
    """Run a bot against the server, over the store in `data`; `env` adds to its environment, or overrides.

    Without `wait` it may not be READY yet, nor have registered its commands. Raises AssertionError with what it wrote
    when it ends instead.
    """
    place = {"DATELINE_DATA": str(data)} if data else {}
    environment = os.environ | SURROUNDINGS | place | redirected(discord) | dict(env)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    bot = BotProcess(process)
    try:
        if wait:
            await _until_ready(discord, bot, within)
        yield bot
    finally:
        ended = await bot.kill()
        print(ended.stderr, file=sys.stderr)  # shown with a test that fails


def redirected(discord: DiscordServer) -> dict[str, str]:
    """Make the environment in which discord.py finds this server where it looks for Discord."""
    return {
        "DISCORD_TOKEN": discord.token, "LOOPBACK_DISCORD_API": discord.api,
        "LOOPBACK_DISCORD_GATEWAY": discord.gateway_url,
        "PYTHONPATH": os.pathsep.join(filter(None, (str(REDIRECT), os.environ.get("PYTHONPATH")))),
    }  # fmt: skip


async def _until_ready(discord: DiscordServer, bot: BotProcess, within: float) -> None:
    sessions, registrations = len(discord.gateway.sessions), _registrations(discord)

    def is_ready() -> bool:
        if not bot.running:
            return True
        return len(discord.gateway.sessions) > sessions and _registrations(discord) > registrations

    await discord.until(is_ready, within, "the bot to be ready and its commands to be registered")
    if not bot.running:
        ended = await bot.ended()
        raise AssertionError(f"The bot ended with status {ended.code}:\n{ended.stderr}{ended.stdout}")
    bot.ready()


def _registrations(discord: DiscordServer) -> int:
    return sum(
        one.method == "PUT" and one.path.endswith("/commands") and one.status == 200 for one in discord.exchanges
    )

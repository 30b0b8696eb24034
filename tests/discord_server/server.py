"""The server itself: it reads requests, lets them go wrong as planned, has them answered, and writes all of it down."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import BodyPartReader, web

from tests.discord_server import acts, described
from tests.discord_server.compose import Upload
from tests.discord_server.faults import Fault, Faults, in_json
from tests.discord_server.gateway import Gateway
from tests.discord_server.interactions import Interactions
from tests.discord_server.people import Place
from tests.discord_server.refusal import Refused
from tests.discord_server.rest import Api, Call, Created, Handler
from tests.discord_server.state import Channel, Permission, World

PREFIX = "/api/v10"
BUCKET, WINDOW = 5, 5.0  # messages and seconds; Discord, what it allows in a channel
FAILED, NO_SUCH_ROUTE = 599, 501  # statuses that Discord never answers with: the loopback server fell short
WITHOUT_TOKEN = ("/interactions/", "/webhooks/")


@dataclass(eq=False)
class Exchange:
    """A request and its answer. `status` is 0 while there is none; `violations` are of Discord's API description."""

    at: float
    method: str
    path: str
    body: Any
    status: int = 0
    answer: Any = None
    violations: tuple[str, ...] = ()
    seconds: float = 0.0


class DiscordServer:
    """Use as an async context manager. `url` is where the API is, `token` the bot's.

    `rate_limits` makes it count messages, five in five seconds and channel. Privileged intents are refused but for
    those in `gateway.allowed`. With a `description` of Discord's API requests are checked against it, if it exists.
    """

    def __init__(self, description: Path | None = None) -> None:
        self.world = World()
        self.gateway = Gateway(self.world)
        self.faults = Faults()
        self.exchanges: list[Exchange] = []
        self.rate_limits = False
        self._unanswered = 0
        self._last_answer = 0.0
        self._description = described.read(description) if description and description.exists() else None
        self._sent_at: defaultdict[str, list[float]] = defaultdict(list)

    async def __aenter__(self) -> DiscordServer:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        for method, path, handler in Api(self.world, self.gateway).routes() + Interactions(self.world).routes():
            app.router.add_route(method, PREFIX + path, self._handled(handler))
        app.router.add_get("/gateway/", self.gateway.connect)
        app.router.add_get("/gateway", self.gateway.connect)
        app.router.add_get("/attachments/{channel}/{file}/{name}", self._file)
        app.router.add_route("*", "/{unknown:.*}", self._handled(_nothing_there))
        self._runner = web.AppRunner(app, shutdown_timeout=0.05, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.world.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.gateway.shut()
        await self._runner.cleanup()

    # what tests set up

    @property
    def token(self) -> str:
        """The token with which the bot is let in."""
        return self.world.token

    @property
    def api(self) -> str:
        """The base of the REST API's addresses."""
        return self.world.url + PREFIX

    @property
    def gateway_url(self) -> str:
        """The address of the gateway."""
        return self.world.url.replace("http", "ws", 1) + "/gateway"

    @property
    def bot_mention(self) -> str:
        """What mentions the bot."""
        return self.world.bot.mention

    def guild(self, name: str) -> Place:
        """Found a guild with the bot in it."""
        return Place(self.world, name)

    def forbid(self, channel: Channel, permission: Permission) -> None:
        """Take a permission from the bot in a channel."""
        channel.denied[self.world.bot.id] = channel.denied.get(self.world.bot.id, Permission(0)) | permission

    def delete(self, channel: Channel) -> None:
        """Delete a channel as a moderator."""
        acts.delete_channel(self.world, channel)

    def fail(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """Have the next requests go wrong whose path below `/api/v10` matches, as `/channels/*/messages` does."""
        self.faults.add(method, path, fault, times)

    # what tests ask

    def requests(self, method: str = "", path: str = "") -> list[Exchange]:
        """List what the bot asked, by method and by a part of the path."""
        return [one for one in self.exchanges if method in ("", one.method) and path in one.path]

    @property
    def violations(self) -> list[str]:
        """What no request may do: break Discord's API description, or ask for what this server cannot do."""
        found = [f"{one.method} {one.path}: {what}" for one in self.exchanges for what in one.violations]
        failed = [one for one in self.exchanges if one.status in (FAILED, NO_SUCH_ROUTE)]
        return found + [f"{one.method} {one.path}: the loopback server answered {one.status}" for one in failed]

    def advance(self, seconds: float) -> None:
        """Put the server's clock forward, for deadlines that nobody wants to wait for."""
        self.world.advance(seconds)

    async def until(
        self, condition: Callable[[], Any], within: float = 10.0, what: Callable[[], str] | str = "a condition"
    ) -> Any:
        """Wait until a condition holds, and return what it gives. Raises AssertionError when it does not in time."""
        return await self.world.until(condition, within, what)

    async def quiet(self, seconds: float = 0.5, within: float = 10.0) -> None:
        """Wait until the bot has asked nothing for a while, to be sure that nothing more is coming."""
        begun = time.monotonic()

        def is_quiet() -> bool:
            last = max(begun, self._last_answer)
            return not self._unanswered and time.monotonic() - last >= seconds

        await self.until(is_quiet, within, "the bot to be quiet")

    # requests

    def _handled(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            path = request.path.removeprefix(PREFIX)
            exchange = Exchange(self.world.now(), request.method, path, None)
            self.exchanges.append(exchange)
            started = time.monotonic()
            self._unanswered += 1
            try:
                return await self._answered(request, exchange, handler)
            finally:
                self._unanswered -= 1
                self._last_answer = time.monotonic()
                exchange.status = exchange.status or FAILED
                exchange.seconds = self._last_answer - started

        return handle

    async def _answered(self, request: web.Request, exchange: Exchange, handler: Handler) -> web.StreamResponse:
        body, files = await _read(request)
        exchange.body = body

        async def proceed() -> web.StreamResponse:
            return self._performed(request, exchange, handler, files)

        if self._description and request.method in ("POST", "PUT", "PATCH"):
            exchange.violations = self._description.violations(exchange.method, exchange.path, body)
        fault = self.faults.take(request.method, exchange.path)
        response = await (fault(request, proceed) if fault else proceed())
        exchange.status = response.status
        return response

    def _performed(
        self, request: web.Request, exchange: Exchange, handler: Handler, files: dict[int, Upload]
    ) -> web.StreamResponse:
        headers, retry_after = self._counted(exchange)
        if retry_after:
            limited = {"message": "You are being rate limited.", "retry_after": retry_after, "global": False}
            return in_json(limited, status=429, headers=headers | {"Via": "1.1 google"})
        try:
            self._let_in(request, exchange)
            call = Call(request.match_info, request.query, exchange.body, files)
            answer = handler(call)
        except Refused as refused:
            exchange.answer = refused.body
            return in_json(refused.body, status=refused.status, headers=headers)
        status = 201 if isinstance(answer, Created) else 204 if answer is None else 200
        exchange.answer = answer.body if isinstance(answer, Created) else answer
        if status == 204:
            return web.Response(status=204, headers=headers)
        return in_json(exchange.answer, status, headers)

    def _let_in(self, request: web.Request, exchange: Exchange) -> None:
        if exchange.path.startswith(WITHOUT_TOKEN):
            return
        if request.headers.get("Authorization") != f"Bot {self.token}":
            raise Refused(401, 0, "401: Unauthorized")

    def _counted(self, exchange: Exchange) -> tuple[dict[str, str], float]:
        """Count a request for a message. Return headers that say how many are left, and how long to wait if none."""
        if not self.rate_limits or exchange.method not in ("POST", "PATCH") or "callback" in exchange.path:
            return {}, 0.0
        parts = exchange.path.split("/")
        if parts[1] not in ("channels", "webhooks") or parts[-1] in ("typing", "threads"):
            return {}, 0.0
        bucket = "/".join(parts[1 : 3 if parts[1] == "channels" else 4])
        now = time.monotonic()
        sent = self._sent_at[bucket] = [at for at in self._sent_at[bucket] if now - at < WINDOW]
        over = len(sent) >= BUCKET
        if not over:
            sent.append(now)
        left = WINDOW - (now - sent[0])
        headers = {
            "X-RateLimit-Limit": str(BUCKET), "X-RateLimit-Remaining": str(BUCKET - len(sent)),
            "X-RateLimit-Reset": f"{time.time() + left:.3f}", "X-RateLimit-Reset-After": f"{left:.3f}",
            "X-RateLimit-Bucket": f"loopback-{parts[1]}", "X-RateLimit-Scope": "user",
        }  # fmt: skip
        return headers, left if over else 0.0

    async def _file(self, request: web.Request) -> web.Response:
        file = self.world.files.get(int(request.match_info["file"]))
        if file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.content, headers={"Content-Type": file.content_type})


async def _read(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    if request.content_type != "multipart/form-data":
        text = await request.text()
        return (json.loads(text) if text else {}), {}
    body, files = {}, {}
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        name = part.name or ""
        if name == "payload_json":
            body = json.loads(await part.text())
        elif name.startswith("files["):
            content = bytes(await part.read(decode=False))
            files[int(name[6:-1])] = Upload(part.filename or "unknown", content)
    return body, files


def _nothing_there(call: Call) -> Any:
    raise Refused(NO_SUCH_ROUTE, 0, "The loopback server does not know this route")

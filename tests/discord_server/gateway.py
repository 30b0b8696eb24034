"""The gateway: identifies a bot, tells it what happens, and lets it resume where it was cut off."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag

from aiohttp import WSMsgType, web

from tests.discord_server import payloads
from tests.discord_server.payloads import JSON
from tests.discord_server.state import World

UNKNOWN_ERROR, DECODE_ERROR, NOT_AUTHENTICATED, BAD_TOKEN = 4000, 4002, 4003, 4004  # Discord, gateway close codes
ALREADY_AUTHENTICATED, INVALID_SEQUENCE, TIMED_OUT, DISALLOWED_INTENTS = 4005, 4007, 4009, 4014


class Op(IntEnum):
    """Gateway opcodes."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    RESUME = 6
    RECONNECT = 7
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Intent(IntFlag):
    """The intents that anything here depends on."""

    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    GUILD_MESSAGE_REACTIONS = 1 << 10
    DIRECT_MESSAGES = 1 << 12
    DIRECT_MESSAGE_REACTIONS = 1 << 13
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT
GOODBYE = (1000, 1001)  # closing with these, a bot ends its session
MESSAGE_EVENTS = ("MESSAGE_CREATE", "MESSAGE_UPDATE")


@dataclass(eq=False)
class Session:
    """What one IDENTIFY began: the events it was sent, and the connection it has, if it has one."""

    id: str
    intents: Intent
    connection: Connection | None = None
    events: list[JSON] = field(default_factory=list)
    valid: bool = True

    def send(self, event: str, data: JSON) -> None:
        """Send an event, or keep it for when the bot resumes."""
        dispatched = _frame(Op.DISPATCH, data, len(self.events) + 1, event)
        self.events.append(dispatched)
        if self.connection:
            self.connection.send(dispatched)


class Connection:
    """A web socket, its frames compressed as asked, written in order by a task of its own."""

    def __init__(self, socket: web.WebSocketResponse, compress: bool) -> None:
        self.socket = socket
        self._deflate = zlib.compressobj() if compress else None
        self._outgoing: asyncio.Queue[JSON | int] = asyncio.Queue()
        self._writer = asyncio.create_task(self._write())

    def send(self, frame: JSON) -> None:
        """Send a frame after those before it."""
        self._outgoing.put_nowait(frame)

    def close(self, code: int) -> None:
        """Close after the frames before it."""
        self._outgoing.put_nowait(code)

    def drop(self) -> None:
        """Drop the TCP connection without a word."""
        transport = self.socket._req and self.socket._req.transport
        if transport:
            transport.abort()

    async def ended(self) -> None:
        """Stop writing."""
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def _write(self) -> None:
        while not self.socket.closed:
            frame = await self._outgoing.get()
            try:
                if isinstance(frame, int):
                    await self.socket.close(code=frame)
                elif self._deflate:
                    text = json.dumps(frame).encode()
                    await self.socket.send_bytes(self._deflate.compress(text) + self._deflate.flush(zlib.Z_SYNC_FLUSH))
                else:
                    await self.socket.send_str(json.dumps(frame))
            except ConnectionError:
                return


class Gateway:
    """All sessions. `allowed` are the privileged intents that the application may ask for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.allowed = Intent(0)
        self.heartbeat = 41.25  # seconds between the bot's heartbeats
        self.sessions: dict[str, Session] = {}
        self.identified: list[JSON] = []  # the data of each IDENTIFY
        self.resumed: list[JSON] = []  # and of each RESUME
        self.heartbeats = 0
        self._seen_again = 0
        self._connections: set[Connection] = set()
        world.announce = self.announce

    @property
    def session(self) -> Session | None:
        """The session that is connected now."""
        return next((one for one in reversed(self.sessions.values()) if one.connection), None)

    def announce(self, event: str, data: JSON, intents: int = 0) -> None:
        """Tell every session that asked for any of the intents, each what it may see."""
        for session in self.sessions.values():
            if session.valid and (not intents or session.intents & intents):
                session.send(event, self._visible(session, event, data))

    def _visible(self, session: Session, event: str, data: JSON) -> JSON:
        if event not in MESSAGE_EVENTS or Intent.MESSAGE_CONTENT in session.intents:
            return data
        return payloads.hidden(data, self._world.bot, direct="guild_id" not in data)

    async def connect(self, request: web.Request) -> web.WebSocketResponse:
        """Serve one connection for as long as it lasts."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        connection = Connection(socket, request.query.get("compress") == "zlib-stream")
        self._connections.add(connection)
        connection.send(_frame(Op.HELLO, {"heartbeat_interval": self.heartbeat * 1000}))
        try:
            async for frame in socket:
                if frame.type is WSMsgType.TEXT:
                    self._receive(connection, frame.data)
        finally:
            self._ended(connection, socket.close_code)
            await connection.ended()
        return socket

    def _receive(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
            op, data = frame["op"], frame["d"]
        except (ValueError, KeyError, TypeError):
            connection.close(DECODE_ERROR)
            return
        if op == Op.HEARTBEAT:
            self.heartbeats += 1
            connection.send(_frame(Op.HEARTBEAT_ACK))
        elif op == Op.IDENTIFY:
            self._identify(connection, data)
        elif op == Op.RESUME:
            self._resume(connection, data)
        elif not any(session.connection is connection for session in self.sessions.values()):
            connection.close(NOT_AUTHENTICATED)

    def _identify(self, connection: Connection, data: JSON) -> None:
        self.identified.append(data)
        intents = Intent(data["intents"])
        if data["token"] != self._world.token:
            connection.close(BAD_TOKEN)
        elif intents & PRIVILEGED & ~self.allowed:
            connection.close(DISALLOWED_INTENTS)
        elif any(session.connection is connection for session in self.sessions.values()):
            connection.close(ALREADY_AUTHENTICATED)
        else:
            session = Session(secrets.token_hex(16), intents, connection)
            self.sessions[session.id] = session
            for event, content in self._opening(session):
                session.send(event, content)

    def _opening(self, session: Session) -> Iterator[tuple[str, JSON]]:
        world = self._world
        yield "READY", {
            "v": 10, "user": payloads.user(world.bot), "session_id": session.id, "session_type": "normal",
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in world.guilds.values()],
            "resume_gateway_url": world.url.replace("http", "ws", 1) + "/gateway", "private_channels": [],
            "application": {"id": str(world.application_id), "flags": 0}, "shard": [0, 1], "relationships": [],
            "presences": [], "geo_ordered_rtc_regions": [], "guild_join_requests": [], "user_settings": {},
        }  # fmt: skip
        if Intent.GUILDS in session.intents:
            for guild in world.guilds.values():
                yield "GUILD_CREATE", payloads.guild(guild, world.bot)

    def _resume(self, connection: Connection, data: JSON) -> None:
        self.resumed.append(data)
        session = self.sessions.get(data["session_id"])
        if data["token"] != self._world.token:
            connection.close(BAD_TOKEN)
        elif session is None or not session.valid:
            connection.send(_frame(Op.INVALID_SESSION, False))
        elif data["seq"] is None or data["seq"] > len(session.events):
            connection.close(INVALID_SEQUENCE)
        else:
            session.connection = connection
            for event in session.events[max(0, data["seq"] - self._seen_again) :]:
                connection.send(event)
            self._seen_again = 0
            session.send("RESUMED", {"_trace": []})

    def _ended(self, connection: Connection, code: int | None) -> None:
        self._connections.discard(connection)
        for session in self.sessions.values():
            if session.connection is connection:
                session.connection = None
                session.valid = session.valid and code not in GOODBYE

    # what goes wrong

    def drop(self) -> None:
        """Drop the TCP connection. The session may be resumed."""
        self._cut()[1].drop()

    def close(self, code: int = UNKNOWN_ERROR) -> None:
        """Close the connection with a code. The session may be resumed unless the code says that it is over."""
        session, connection = self._cut()
        session.valid = code not in (INVALID_SEQUENCE, TIMED_OUT)
        connection.close(code)

    def reconnect(self) -> None:
        """Ask the bot to reconnect and resume, as Discord does some times a day."""
        self._connected()[1].send(_frame(Op.RECONNECT))

    def invalidate(self, resumable: bool = False) -> None:
        """Declare the session invalid; what happens before the bot identifies again is lost unless it may resume."""
        session, connection = self._cut()
        session.valid = resumable
        connection.send(_frame(Op.INVALID_SESSION, resumable))

    def repeat_on_resume(self, events: int = 1) -> None:
        """Have the next resume replay that many events which the bot has had already."""
        self._seen_again = events

    def repeat(self, event: str) -> None:
        """Deliver the last event of a name once more, under a number of its own."""
        session, _ = self._connected()
        last = next(one for one in reversed(session.events) if one["t"] == event)
        session.send(event, last["d"])

    def _connected(self) -> tuple[Session, Connection]:
        session = self.session
        assert session, "No session is connected"
        assert session.connection
        return session, session.connection

    def _cut(self) -> tuple[Session, Connection]:
        """Part a session from its connection: from now on its events wait for it to resume."""
        session, connection = self._connected()
        session.connection = None
        return session, connection

    async def shut(self) -> None:
        """Drop every connection."""
        for connection in list(self._connections):
            connection.drop()
            await connection.ended()


def _frame(op: Op, data: object = None, number: int | None = None, event: str | None = None) -> JSON:
    return {"op": op, "d": data, "s": number, "t": event}

"""What the server knows: people, guilds, channels, messages and interactions. Tests read it; requests change it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any, TypeAlias, TypeVar

from tests.discord_server.reading import buttons_of, selects_of, text_of

JSON: TypeAlias = dict[str, Any]
T = TypeVar("T")

EPOCH = 1_420_070_400_000  # milliseconds since 1970; Discord, snowflakes
TEXT, DM, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12  # Discord, channel types
ACKNOWLEDGE_WITHIN = 3.0  # seconds; Discord, interactions
LOOK_EVERY = 0.005  # seconds between looks at what is waited for
TOKEN_LASTS = 15 * 60.0  # seconds; Discord, interactions


class Flag(IntFlag):
    """Message flags."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


NONE = Flag(0)


class Permission(IntFlag):
    """The permissions that anything here depends on."""

    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38


EVERYTHING = ~Permission(0)
MANAGING = Permission.MANAGE_GUILD | Permission.MANAGE_CHANNELS | Permission.MANAGE_MESSAGES
ORDINARY = (
    Permission.VIEW_CHANNEL | Permission.SEND_MESSAGES | Permission.EMBED_LINKS | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY | Permission.ADD_REACTIONS | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS | Permission.CREATE_PRIVATE_THREADS | Permission.SEND_MESSAGES_IN_THREADS
)  # fmt: skip


class InteractionType(IntEnum):
    """What a person did."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


@dataclass(eq=False, slots=True)
class User:
    """A person or a bot."""

    id: int
    name: str
    bot: bool = False

    @property
    def mention(self) -> str:
        """What mentions this user in a message."""
        return f"<@{self.id}>"


@dataclass(eq=False, slots=True)
class Role:
    """A role; the one with its guild's id is @everyone."""

    id: int
    name: str
    permissions: Permission
    mentionable: bool = False
    bot_id: int | None = None  # of the bot that Discord made the role for when it joined


@dataclass(eq=False, slots=True)
class Member:
    """A user in a guild."""

    user: User
    roles: list[Role] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Guild:
    """A guild: the first role is @everyone's; `owner` may do anything."""

    id: int
    name: str
    owner: User
    roles: list[Role] = field(default_factory=list)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)

    def permissions(self, user: User, channel: Channel | None = None) -> Permission:
        """Compute what a user may do here, or in a channel; a thread's are its parent's."""
        if user is self.owner:
            return EVERYTHING
        granted = self.roles[0].permissions
        for role in self.members[user.id].roles:
            granted |= role.permissions
        if Permission.ADMINISTRATOR in granted:
            return EVERYTHING
        place = channel.parent or channel if channel else None
        return granted & ~place.denied.get(user.id, Permission(0)) if place else granted


@dataclass(eq=False, slots=True)
class Channel:
    """A text channel, a thread or a direct conversation (then without a guild)."""

    id: int
    type: int
    name: str
    guild: Guild | None
    parent: Channel | None = None
    owner: User | None = None
    recipients: list[User] = field(default_factory=list)
    messages: dict[int, Message] = field(default_factory=dict)
    denied: dict[int, Permission] = field(default_factory=dict)  # by the user's id
    archive_after: int = 1440  # minutes
    archived: bool = False
    locked: bool = False
    deleted: bool = False

    @property
    def is_thread(self) -> bool:
        """Whether this is a thread of another channel."""
        return self.parent is not None

    @property
    def history(self) -> list[Message]:
        """What everybody here sees, oldest first: neither deleted messages nor ephemeral ones."""
        return [message for message in self.messages.values() if message.public]

    def permissions(self, user: User) -> Permission:
        """Compute what a user may do here; in a direct conversation, whatever people ordinarily may."""
        return self.guild.permissions(user, self) if self.guild else ORDINARY


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file at the server's own CDN; `url` is where the bot fetches it."""

    id: int
    filename: str
    content: bytes
    content_type: str
    url: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Pings:
    """Whom a message notifies."""

    users: frozenset[int] = frozenset()
    roles: frozenset[int] = frozenset()
    everyone: bool = False

    def __bool__(self) -> bool:
        """Tell whether anybody is notified."""
        return bool(self.users or self.roles or self.everyone)

    def __or__(self, other: Pings) -> Pings:
        """Join two."""
        return Pings(self.users | other.users, self.roles | other.roles, self.everyone or other.everyone)


@dataclass(frozen=True, slots=True)
class Version:
    """A message as it stood from a time on. `pings` are those that this text would send."""

    at: float
    content: str = ""
    embeds: tuple[JSON, ...] = ()
    components: tuple[JSON, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    flags: Flag = NONE
    pings: Pings = Pings()
    allowed_mentions: JSON | None = None

    @property
    def text(self) -> str:
        """All that can be read in it, a line for each piece of text."""
        return text_of(self.content, self.embeds, self.components)


@dataclass(eq=False, slots=True)
class Message:
    """A message with its whole history. The server's own clock dates it."""

    world: World
    id: int
    channel: Channel
    author: User
    versions: list[Version]
    type: int = 0
    reply_to: Message | None = None
    interaction: Interaction | None = None  # that it answers
    nonce: str | None = None
    thread: Channel | None = None
    deleted_at: float | None = None
    reactions: list[tuple[str, int]] = field(default_factory=list)  # emoji and user

    @property
    def now(self) -> Version:
        """Its last version."""
        return self.versions[-1]

    @property
    def at(self) -> float:
        """When it was sent."""
        return self.versions[0].at

    @property
    def text(self) -> str:
        """All that can be read in it now: content, embeds, components."""
        return self.now.text

    @property
    def buttons(self) -> dict[str, JSON]:
        """Its buttons by label (or emoji), links included."""
        return buttons_of(self.now.components)

    @property
    def selects(self) -> list[JSON]:
        """Its select menus."""
        return selects_of(self.now.components)

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        """Its files."""
        return self.now.attachments

    @property
    def shown(self) -> list[Version]:
        """What it showed, one after the other, without "thinking…"."""
        return [version for version in self.versions if Flag.LOADING not in version.flags]

    @property
    def edits(self) -> list[Version]:
        """The versions after the first that showed something."""
        return self.shown[1:]

    @property
    def pings(self) -> Pings:
        """Whom it would have notified at any time."""
        joined = Pings()
        for version in self.versions:
            joined |= version.pings
        return joined

    @property
    def loading(self) -> bool:
        """Whether it still says "thinking…"."""
        return Flag.LOADING in self.now.flags

    @property
    def ephemeral(self) -> bool:
        """Whether only the person who asked sees it."""
        return Flag.EPHEMERAL in self.now.flags

    @property
    def public(self) -> bool:
        """Whether it is in the channel's history."""
        return self.deleted_at is None and not self.ephemeral

    @property
    def replies(self) -> list[Message]:
        """The bot's messages that answer this one."""
        sent = [message for message in self.channel.messages.values() if message.reply_to is self]
        return [message for message in sent if message.author.bot and message.interaction is None]

    async def until(self, condition: Callable[[Message], object], within: float = 10.0) -> Message:
        """Wait until a condition on it holds, and return it. Raises AssertionError that shows it as it stands."""
        await self.world.until(lambda: condition(self), within, lambda: f"the message to change; it reads: {self.text}")
        return self

    async def reply(self, within: float = 10.0) -> Message:
        """Wait for the bot's first reply to it, or its first message in the thread that it started."""

        def answered() -> Message | None:
            in_thread = [message for message in self.thread.history if message.author.bot] if self.thread else []
            return next(iter(self.replies + in_thread), None)

        return await self.world.until(answered, within, lambda: f"a reply to {self.text!r}")


@dataclass(eq=False, slots=True)
class Interaction:
    """What a person did that the bot must answer, and what it answered."""

    world: World
    id: int
    token: str
    type: InteractionType
    user: User
    channel: Channel
    data: JSON
    at: float
    message: Message | None = None  # that carries the component
    begun_by: Interaction | None = None  # that opened the modal
    acknowledged_at: float | None = None
    callback: int = 0  # the type of the bot's response
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: JSON | None = None
    choices: list[JSON] | None = None
    source_versions: int = 0  # of `message`, when the interaction began

    @property
    def failed(self) -> bool:
        """Whether Discord shows "did not respond" by now."""
        return self.acknowledged_at is None and self.world.now() - self.at > ACKNOWLEDGE_WITHIN

    @property
    def ack_ms(self) -> float:
        """How long the bot took to acknowledge. Raises AssertionError if it has not."""
        assert self.acknowledged_at is not None, f"{self.data} has not been acknowledged"
        return (self.acknowledged_at - self.at) * 1000

    @property
    def messages(self) -> list[Message]:
        """What the bot sent in answer: the response, if it is a message of its own, and what followed."""
        own = [self.original] if self.original is not None and self.original is not self.message else []
        return own + self.followups

    @property
    def answer(self) -> Message | None:
        """The message that answers, when there is one that is no longer "thinking…"."""
        done = [message for message in self.messages if not message.loading]
        if done:
            return done[0]
        source = self.message
        return source if source is not None and len(source.versions) > self.source_versions else None

    async def acknowledged(self, within: float = ACKNOWLEDGE_WITHIN) -> Interaction:
        """Wait for the acknowledgement. Raises AssertionError when it does not come in time."""
        await self.world.until(lambda: self.acknowledged_at, within, lambda: f"{self.data} to be acknowledged")
        return self

    async def settled(self, within: float = 10.0) -> Message:
        """Wait for the message that answers: a response, the first follow-up, or a change to the clicked message.

        A response that is still streamed changes afterwards: wait for its end with `until`.
        """
        return await self.world.until(lambda: self.answer, within, lambda: f"an answer to {self.data}")

    async def followup(self, number: int = 1, within: float = 10.0) -> Message:
        """Wait for the message of that number that follows the response."""

        def found() -> Message | None:
            return self.followups[number - 1] if len(self.followups) >= number else None

        return await self.world.until(found, within, lambda: f"follow-up {number} to {self.data}")


Announce: TypeAlias = Callable[[str, JSON, int], None]  # an event, its data, the intents that it needs any of


class World:
    """All of it, the clock that dates it, and a way to wait for something to come true."""

    def __init__(self) -> None:
        self._last_id = 0
        self._ahead = 0.0
        self.url = ""
        self.announce: Announce = lambda event, data, intents: None
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.channels: dict[int, Channel] = {}
        self.interactions: dict[str, Interaction] = {}  # by token
        self.files: dict[int, Attachment] = {}
        self.commands: dict[int | None, list[JSON]] = {None: []}  # by guild; None for the global ones
        self.token = f"loopback.{secrets.token_hex(8)}"
        self.bot = self.new_user("Dateline", bot=True)

    @property
    def application_id(self) -> int:
        """The application's id: as for all bots made lately, its user's."""
        return self.bot.id

    def now(self) -> float:
        """Return the time in seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Put the clock forward: deadlines pass without anybody waiting for them."""
        self._ahead += seconds

    def new_id(self) -> int:
        """Make a snowflake that is later than all before."""
        self._last_id = max(self._last_id + 1, (int(self.now() * 1000) - EPOCH) << 22)
        return self._last_id

    def new_user(self, name: str, bot: bool = False) -> User:
        user = User(self.new_id(), name, bot)
        self.users[user.id] = user
        return user

    def messages(self) -> Iterator[Message]:
        """Yield every message that was ever sent, channel by channel."""
        for channel in self.channels.values():
            yield from channel.messages.values()

    async def until(
        self, condition: Callable[[], T | None], within: float = 10.0, what: Callable[[], str] | str = "a condition"
    ) -> T:
        """Wait until a condition holds, and return what it gives. Raises AssertionError when it does not in time."""
        deadline = time.monotonic() + within
        while not (found := condition()):
            if time.monotonic() > deadline:
                raise AssertionError(f"Waited {within} s for {what if isinstance(what, str) else what()}")
            await asyncio.sleep(LOOK_EVERY)
        return found

"""The wiring: a client of Discord with the library, the desk and the cogs, which lives from `start` to `leave`."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.answering import Answering
from bot.cogs.answers import Answers
from bot.cogs.ask import Ask
from bot.cogs.checking import Checking
from bot.cogs.conversation import Conversation
from bot.cogs.evaluate import Evaluate
from bot.cogs.library import Articles
from bot.cogs.server import Server
from bot.cogs.timeline import Chronology
from bot.delivery import GoneError, respond, sent
from bot.desk import Desk
from bot.failures import causes, failure_card
from bot.library import Library
from bot.watching import Watching
from rag.errors import SettingsError
from rag.settings import Settings

log = logging.getLogger(__name__)

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # it does not speak

REMEMBERED = 10_000  # ids of interactions and messages; Discord may deliver one again after a resumed connection
FINISHING = 6.0  # seconds that are left to questions when the bot is told to stop
NOT_ACCEPTED = "Discord does not accept DISCORD_TOKEN. Copy the token from the Bot page of your application anew."
NO_INTENT = "Turn on Message Content Intent on the Bot page of your application, or take DISCORD_MESSAGE_CONTENT out."
CLOSED = "Discord ends the connection for good. Its documentation says why, under gateway close code"
BAD_TOKEN = 4004  # Discord, gateway close codes
NOT_THERE = "The bot is not on the server that DISCORD_GUILD_ID names. Invite it first, or correct the number."
COGS = (Ask, Chronology, Conversation, Answers, Checking, Articles, Evaluate, Server, Watching)


class Dateline(commands.Bot):
    """The bot. Everything a cog needs hangs here."""

    def __init__(self, settings: Settings) -> None:
        intents = discord.Intents.default()  # none of the privileged ones, unless it was asked for
        intents.message_content = settings.discord_message_content
        super().__init__(
            command_prefix=(),
            help_command=None,
            intents=intents,
            tree_cls=Tree,
            allowed_mentions=discord.AllowedMentions.none(),
            allowed_contexts=app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
            chunk_guilds_at_startup=False,
        )
        self.settings = settings
        self.library = Library(settings)
        self.desk = Desk()
        self.answering = Answering(self.library, self.desk)
        self.registered: list[app_commands.AppCommand] = []
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._working: set[asyncio.Task[Any]] = set()
        self._serving: asyncio.Future[None]
        self._leaving: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Serve until told to stop. Raises SettingsError if Discord turns the bot away, StoreError for the articles."""
        async with self:
            self._serving = asyncio.ensure_future(self._served())
            self.library.opening.add_done_callback(self._opened)
            with suppress(asyncio.CancelledError):  # told to stop, or without articles
                await self._serving
            if self.library.opening.done():
                self.library.opening.result()

    async def _served(self) -> None:
        try:
            await sent(self._log_in, persistence=None)
            await self.connect()
        except discord.LoginFailure:
            raise SettingsError(NOT_ACCEPTED) from None
        except discord.PrivilegedIntentsRequired:
            raise SettingsError(NO_INTENT) from None
        except discord.ConnectionClosed as closed:  # after all that may pass discord.py connects again
            raise SettingsError(NOT_ACCEPTED if closed.code == BAD_TOKEN else f"{CLOSED} {closed.code}.") from None

    async def _log_in(self) -> None:
        try:
            await self.login(self.settings.discord_token.get_secret_value())
        except BaseException:
            await self.http.close()
            self.http.connector = discord.utils.MISSING  # the next try opens a session of its own
            raise

    def _opened(self, opening: asyncio.Future[Any]) -> None:
        if opening.cancelled() or opening.exception():
            self._serving.cancel()

    async def setup_hook(self) -> None:
        """Register the commands: on one server, where they appear at once, or everywhere."""
        for cog in COGS if not self.cogs else ():
            await self.add_cog(cog(self))
        home = discord.Object(self.settings.discord_guild_id) if self.settings.discord_guild_id else None
        if home:
            self.tree.copy_global_to(guild=home)
        try:
            self.registered = await self.tree.sync(guild=home)
        except (discord.Forbidden, discord.NotFound):
            raise SettingsError(NOT_THERE) from None
        if home and self.application_id:
            with suppress(discord.HTTPException):  # what an earlier start registered everywhere would show twice there
                await self.http.bulk_upsert_global_commands(self.application_id, [])

    async def on_ready(self) -> None:
        log.info("%s is on %d servers with %d commands", self.user, len(self.guilds), len(self.registered))

    async def on_message(self, message: discord.Message) -> None:
        """Leave messages to the cogs: there are no commands by prefix."""

    def is_new(self, identity: int) -> bool:
        """Tell whether an interaction or a message comes for the first time."""
        if identity in self._seen:
            return False
        self._seen[identity] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True

    async def see_through(self, work: Coroutine[Any, Any, object]) -> None:
        """Do work that a stop has to wait for, or to tell about."""
        task = asyncio.ensure_future(work)
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    def stop(self) -> None:
        """Begin to leave; a second call changes nothing."""
        self._leaving = self._leaving or asyncio.ensure_future(self.leave())

    async def leave(self) -> None:
        """Stop: take no more questions, finish those that can be in seconds, tell the others, and go."""
        log.info("stopping, %d under way", len(self._working))
        self.desk.close()
        if self._working:
            await asyncio.wait(self._working, timeout=FINISHING)
        for task in self._working:
            task.cancel()
        if self._working:
            await asyncio.wait(self._working, timeout=FINISHING / 3)
        self._serving.cancel()
        await self.close()  # Python 3.11 loses a cancellation that meets the end of what it cancels


class Tree(app_commands.CommandTree[Dateline]):
    """The commands: each interaction is answered once, and what goes wrong is said."""

    async def interaction_check(self, interaction: discord.Interaction[Dateline]) -> bool:
        """Let an interaction through that was not there before."""
        return self.client.is_new(interaction.id)

    async def on_error(self, interaction: discord.Interaction[Dateline], error: app_commands.AppCommandError) -> None:
        """Say what went wrong, to the person only, unless nobody is left to tell."""
        if not any(isinstance(cause, GoneError) for cause in causes(error)):
            await respond(interaction, failure_card(error))

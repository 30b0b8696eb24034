"""`/timeline`: a topic and a period in, what happened when out, in pages with pictures, and buttons that turn them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.answering import post
from bot.card import Card, Picture, note
from bot.cogs.ask import NOT_HERE, DateGiven, check_dates, choices
from bot.cogs.library import EDITED_EVERY, Progress
from bot.conversation import may_answer_in
from bot.delivery import CommandReply, failures_told
from bot.layout import pressed
from bot.listing import progress_card
from bot.passages import passage_cards
from bot.timeline import ON_PAGE, Page, attachment, description, pages
from rag.answer.waiting import in_thread
from rag.errors import StoreError, UsageError
from rag.receipts import new_identity
from rag.schema import Dates, Filters, Timeline
from rag.timeline.kept import Kept

if TYPE_CHECKING:
    from bot.client import Dateline

log = logging.getLogger(__name__)

TOPIC_LIMIT = 200  # characters
USUAL_EVENTS, MOST_EVENTS = 3 * ON_PAGE, 60
ARRANGING = "Putting the timeline together …"
TOO_OLD = "This timeline is too old for its buttons. Use /timeline again, and they will work."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a timeline is to be of."""

    topic: str
    filters: Filters
    since: Dates | None
    until: Dates | None
    limit: int
    file: str  # the format of the file that is to go with it, if any
    server: int | None


class Chronology(commands.Cog):
    """Timelines, and the buttons under them, also from before a restart."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot
        self._actions = {"page": self.turn, "page-passages": self.passages}

    @app_commands.command(description="What happened when: dated events from the articles, each with its source")
    @app_commands.describe(
        topic="what it is to be about; without it, everything in the articles",
        since="only events on or after: 2025, 2025-05 or 2025-05-14",
        until="only events on or before",
        outlet="only from articles by this outlet",
        as_of="as if today were that day: nothing published later is read",
        limit=f"how many events at most, the most important ones; {USUAL_EVENTS} if you do not say",
        file="a file that goes with it",
        private="only you see the timeline",
    )
    @app_commands.rename(file="format")
    @app_commands.choices(
        file=[
            app_commands.Choice(name="CSV, for spreadsheets", value="csv"),
            app_commands.Choice(name="TimelineJS, for web pages", value="timelinejs"),
        ]
    )
    async def timeline(
        self,
        interaction: discord.Interaction[Dateline],
        topic: app_commands.Range[str, 1, TOPIC_LIMIT] = "",
        since: DateGiven | None = None,
        until: DateGiven | None = None,
        outlet: str | None = None,
        as_of: DateGiven | None = None,
        limit: app_commands.Range[int, 1, MOST_EVENTS] = USUAL_EVENTS,
        file: str = "",
        private: bool = False,
    ) -> None:
        """Show a timeline."""
        if not may_answer_in(interaction.channel, self._bot.library.preferences.of(interaction.guild_id)):
            raise UsageError(NOT_HERE)
        check_dates(Filters(since, until))
        filters = Filters(as_of=as_of, outlets=(outlet,) if outlet else ())
        wanted = Wanted(topic, filters, since, until, limit, file, interaction.guild_id)
        ticket = self._bot.answering.admit(interaction.user.id, interaction.guild_id)
        reply = CommandReply(interaction, private)
        await self._bot.see_through(self._bot.answering.see(ticket, reply, lambda: self._cards(wanted, reply)))

    @timeline.autocomplete("outlet")
    async def outlets(self, interaction: discord.Interaction[Dateline], typed: str) -> list[app_commands.Choice[str]]:
        """Suggest outlets that have what was typed in their name."""
        return choices(await self._bot.library.outlets(), typed)

    async def _cards(self, wanted: Wanted, reply: CommandReply) -> list[Card]:
        timeline = await self._made(wanted, reply)
        kept = Kept(timeline, wanted.server, wanted.file)
        identity = await self._identity(kept) if timeline.events else ""
        return [await drawn(await in_thread(page_of, kept, identity))]

    async def _made(self, wanted: Wanted, reply: CommandReply) -> Timeline:
        """Have a timeline made, and meanwhile show how many articles have been read for it."""
        timelines, progress = await self._bot.library.timelines(), Progress()
        account = str(wanted.server or "")
        made = timelines.timeline(
            wanted.topic, wanted.filters, wanted.since, wanted.until, wanted.limit, progress, account
        )
        making = asyncio.ensure_future(made)
        try:
            while not (await asyncio.wait({making}, timeout=EDITED_EVERY))[0]:
                await reply.show(progress_card(progress.done, progress.found) if progress.found else note(ARRANGING))
            return making.result()
        finally:
            making.cancel()

    async def _identity(self, kept: Kept) -> str:
        """Keep a timeline, and return what its buttons find it by; nothing if it has none."""
        identity = new_identity()
        try:
            await in_thread(self._bot.library.shown_timelines.keep, identity, kept)
        except StoreError as error:  # the timeline does without its buttons
            log.warning("could not keep a timeline: %s", error)
            return ""
        return identity

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Dateline]) -> None:
        """Do what a button under a timeline is for."""
        action, key = pressed(interaction) or ("", "")
        if action not in self._actions or not self._bot.is_new(interaction.id):
            return
        async with failures_told(interaction):
            identity, _, number = key.partition(":")
            kept = await self._kept(interaction, identity)
            await self._actions[action](interaction, partial(page_of, kept, identity, int(number)))

    async def _kept(self, interaction: discord.Interaction[Dateline], identity: str) -> Kept:
        """Find a timeline, if it was shown where the button was pressed. Raises UsageError."""
        kept = await in_thread(self._bot.library.shown_timelines.get, identity)
        if kept is None or kept.server != interaction.guild_id:
            raise UsageError(TOO_OLD)
        return kept

    async def turn(self, interaction: discord.Interaction[Dateline], page: Callable[[], Page]) -> None:
        """Show a page in the place of another."""
        reply = CommandReply(interaction, private=False, in_place=True)
        await reply.acknowledge()
        await reply.show(await drawn(await in_thread(page)))

    async def passages(self, interaction: discord.Interaction[Dateline], page: Callable[[], Page]) -> None:
        """Show each passage quoted on a page in its context to the person who pressed."""
        reply = CommandReply(interaction, private=True)
        await reply.acknowledge()
        citing = await in_thread(page)
        texts = await self._bot.library.texts({citation.source.document for citation in citing.citations})
        await post(passage_cards(citing.citations, texts, citing.numbers), reply)


def page_of(kept: Kept, identity: str, number: int = 0) -> Page:
    """Take a page of a timeline that was kept, the first being 0; a later version may divide it into fewer."""
    file = attachment(kept.timeline, kept.file) if kept.file and kept.timeline.events else None
    found = pages(kept.timeline, identity, file)
    return found[min(number, len(found) - 1)]


async def drawn(page: Page) -> Card:
    """Add its picture to a page; one that cannot be drawn does without."""
    try:
        return replace(page.card, picture=await in_thread(picture, page))
    except Exception as error:  # noqa: BLE001  # the words say it all
        log.warning("could not draw a timeline: %r", error)
        return page.card


def picture(page: Page) -> Picture | None:
    """Draw the events of a page, if there are any."""
    from rag.timeline.chart import draw  # with what draws, which nothing else needs

    if not page.timeline.events:
        return None
    as_of = page.timeline.filters.as_of
    content = draw(page.timeline, as_of.last if as_of else date.today())
    return Picture(f"timeline-{page.number + 1}.png", content, description(page.timeline))

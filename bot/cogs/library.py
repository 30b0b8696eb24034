"""The articles: listed and shown to everybody, added and removed by those who manage the server."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.card import Colour, note
from bot.cogs.ask import MOST_CHOICES, choices
from bot.cogs.managing import check_home, for_managers
from bot.delivery import CommandReply, failures_told, sent
from bot.layout import layout, pressed
from bot.listing import article_card, code, progress_card, report_card, sources_card
from rag.answer.waiting import in_thread
from rag.errors import UsageError
from rag.schema import Article

if TYPE_CHECKING:
    from bot.client import Dateline

FILE_LIMIT = 25 * 2**20  # bytes; an article is a thousandth of that
EDITED_EVERY = 1.1  # seconds
NOTHING_GIVEN = "Attach a file, or give a link to an article."
MANAGED = "The articles are managed"
STOPPED = "I was restarted while reading. What was finished is kept; use /ingest again for the rest."


class Articles(commands.Cog):
    """Commands about the articles."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot
        self._ingesting = asyncio.Lock()

    @app_commands.command(description="List the articles: outlet, date, passages")
    async def sources(self, interaction: discord.Interaction[Dateline]) -> None:
        """List the articles to the person only."""
        reply = CommandReply(interaction, private=True)
        await reply.acknowledge()
        await reply.show(sources_card(await self._bot.library.listed(0)))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Dateline]) -> None:
        """Turn a page of the list."""
        action, page = pressed(interaction) or ("", "")
        if action != "sources" or not self._bot.is_new(interaction.id):
            return
        async with failures_told(interaction):
            card = sources_card(await self._bot.library.listed(int(page)))
            await sent(lambda: interaction.response.edit_message(view=layout(card)))

    @app_commands.command(description="Show an article: outlet, date, link, and how it begins")
    @app_commands.describe(name="its title, or its name as in /sources")
    async def article(self, interaction: discord.Interaction[Dateline], name: str) -> None:
        """Show one article to the person only."""
        reply = CommandReply(interaction, private=True)
        await reply.acknowledge()
        found, passages = await self._named(name)
        await reply.show(article_card(found, passages))

    @app_commands.command(description="Add an article, or bring one up to date: a file or a link")
    @app_commands.describe(file=".md, .txt, .html, .pdf, .jsonl or .jsonl.gz", link="the address of an article")
    @for_managers
    async def ingest(
        self,
        interaction: discord.Interaction[Dateline],
        file: discord.Attachment | None = None,
        link: str | None = None,
    ) -> None:
        """Take in what is given, and report what came of it."""
        check_home(interaction, MANAGED)
        if file is None and not link:
            raise UsageError(NOTHING_GIVEN)
        if link and not link.lower().startswith(("http://", "https://")):
            raise UsageError("A link begins with http:// or https://. Copy the article's address from a browser.")
        if file is not None and file.size > FILE_LIMIT:
            raise UsageError(f"{file.filename} is larger than {FILE_LIMIT // 2**20} MB. Split it.")
        reply = CommandReply(interaction, private=True)
        await reply.acknowledge()
        files = {file.filename: await sent(file.read)} if file else {}
        await self._bot.see_through(self._ingested(files, [link] if link else [], reply))

    async def _ingested(self, files: Mapping[str, bytes], links: Sequence[str], reply: CommandReply) -> None:
        from rag.ingest.uploads import add

        progress = Progress()
        try:
            async with self._ingesting:
                store = await self._bot.library.store()
                work = asyncio.ensure_future(in_thread(add, files, links, store, self._bot.settings, progress))
                while not (await asyncio.wait({work}, timeout=EDITED_EVERY))[0]:
                    await reply.show(progress_card(progress.done, progress.found))
            await reply.show(report_card(work.result()))
        except asyncio.CancelledError:
            progress.stopped = True
            await reply.show(note(STOPPED, Colour.PROBLEM))
            raise

    @app_commands.command(description="Remove an article from what I answer from")
    @app_commands.describe(article="its name as in /sources")
    @for_managers
    async def remove(self, interaction: discord.Interaction[Dateline], article: str) -> None:
        """Remove one article, and say whether it can come back."""
        from rag.ingest.uploads import remove

        check_home(interaction, MANAGED)
        reply = CommandReply(interaction, private=True)
        await reply.acknowledge()
        found, _ = await self._named(article)
        document = found.source.document
        async with self._ingesting:
            returning = await in_thread(remove, document, await self._bot.library.store(), self._bot.settings)
        where = "\n-# Its file is still there; the next `dateline ingest` brings it back." * returning
        await reply.show(note(f"I do not answer from `{code(document)}` any more.{where}"))

    @article.autocomplete("name")
    @remove.autocomplete("article")
    async def names(self, interaction: discord.Interaction[Dateline], typed: str) -> list[app_commands.Choice[str]]:
        """Suggest articles that have what was typed in their name, title or outlet."""
        like = (await self._bot.library.store()).like
        return choices((source.document for source in await in_thread(like, typed.strip(), 2 * MOST_CHOICES)), "")

    async def _named(self, name: str) -> tuple[Article, int]:
        """Find an article by its name or title, and count its passages. Raises StoreError or UsageError."""
        store, wanted = await self._bot.library.store(), name.strip()
        source = await in_thread(store.named, wanted) if wanted else None
        if source is None:
            raise UsageError(f"There is no article “{name}”. Choose one from the list that opens as you type.")
        article = await in_thread(store.article, source.document)
        return article, len(await in_thread(store.passages, source.document))


class Progress:
    """How far an ingestion has come, told by its thread; it stops when `stopped` is set."""

    def __init__(self) -> None:
        self.done = self.found = 0
        self.stopped = False

    def __call__(self, done: int, found: int) -> None:
        if self.stopped:
            raise UsageError(STOPPED)
        self.done, self.found = done, found

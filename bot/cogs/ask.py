"""`/ask`: a question with its filters in, the answer in its place out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.conversation import may_answer_in
from bot.delivery import CommandReply
from rag.errors import UsageError
from rag.receipts import Asked
from rag.schema import Dates, Filters

if TYPE_CHECKING:
    from bot.client import Dateline

MOST_CHOICES, CHOICE_LIMIT = 25, 100  # Discord, application command option choices
QUESTION_LIMIT = 1000  # characters
NOT_HERE = "I may not answer in this channel. Those who manage this server choose where, with /settings."


class DateOption(app_commands.Transformer):
    """A date option: `2025`, `2025-05` or `2025-05-14`."""

    async def transform(self, interaction: discord.Interaction, value: str) -> Dates:
        """Read a date. Raises UsageError."""
        try:
            return Dates.parse(value)
        except ValueError:
            raise UsageError(f"“{value}” is not a date. Write 2025, 2025-05 or 2025-05-14.") from None


DateGiven = app_commands.Transform[Dates, DateOption]


class Ask(commands.Cog):
    """Questions by command."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot

    @app_commands.command(description="Ask the articles; each sentence of the answer comes with its source")
    @app_commands.describe(
        question="what you want to know",
        since="only articles published on or after: 2025, 2025-05 or 2025-05-14",
        until="only articles published on or before",
        as_of="as if today were that day: nothing published later is read",
        outlet="only articles by this outlet",
        private="only you see the answer",
    )
    async def ask(
        self,
        interaction: discord.Interaction[Dateline],
        question: app_commands.Range[str, 1, QUESTION_LIMIT],
        since: DateGiven | None = None,
        until: DateGiven | None = None,
        as_of: DateGiven | None = None,
        outlet: str | None = None,
        private: bool = False,
    ) -> None:
        """Answer a question."""
        filters = Filters(since, until, as_of, (outlet,) if outlet else ())
        await ask(interaction, question, filters, private)

    @ask.autocomplete("outlet")
    async def outlets(self, interaction: discord.Interaction[Dateline], typed: str) -> list[app_commands.Choice[str]]:
        """Suggest outlets that have what was typed in their name."""
        return choices(await self._bot.library.outlets(), typed)


async def ask(interaction: discord.Interaction[Dateline], question: str, filters: Filters, private: bool) -> None:
    """Take a question, acknowledge it, and see it through."""
    bot = interaction.client
    if not may_answer_in(interaction.channel, bot.library.preferences.of(interaction.guild_id)):
        raise UsageError(NOT_HERE)
    check_dates(filters)
    ticket = bot.answering.admit(interaction.user.id, interaction.guild_id)
    asked = Asked(
        question=question,
        server=interaction.guild_id,
        filters=filters,
        private=private,
        repeated=True,
        threaded=not private and isinstance(interaction.channel, discord.TextChannel),
    )
    await bot.see_through(bot.answering.answer(ticket, asked, CommandReply(interaction, private)))


def check_dates(filters: Filters) -> None:
    """Raise UsageError for dates between which nothing can lie."""
    if filters.since and filters.until and filters.since.first > filters.until.last:
        raise UsageError(f"Nothing is both since {filters.since} and until {filters.until}. Exchange the two dates.")
    if filters.since and filters.as_of and filters.since.first > filters.as_of.last:
        raise UsageError(
            f"As of {filters.as_of} nothing had been published since {filters.since}. Choose an earlier one."
        )


def choices(names: Iterable[str], typed: str) -> list[app_commands.Choice[str]]:
    """Choose the names to suggest for what has been typed; Discord takes neither many nor long ones."""
    wanted = typed.casefold().strip()
    fitting = [name for name in names if wanted in name.casefold() and len(name) <= CHOICE_LIMIT]
    return [app_commands.Choice(name=name, value=name) for name in fitting[:MOST_CHOICES]]

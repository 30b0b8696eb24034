"""`/settings` and `/help`: how the bot behaves on a server, and what it can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.abc import Snowflake
from discord.ext import commands

from bot.card import note
from bot.cogs.managing import for_managers
from bot.delivery import respond
from bot.preferences import MOST_AN_HOUR, MOST_OPEN, MOST_USD, Changes, Preferences
from rag.answer.waiting import in_thread
from rag.answer.wording import counted
from rag.errors import SettingsError, UsageError
from rag.spending import UNPRICED, is_priced

if TYPE_CHECKING:
    from bot.client import Dateline

HELP = """### What I do
I answer questions from the team's articles. Each sentence has a small number, which is that of its source below it; \
**Passages** shows what the source says, word for word. When the articles do not say, neither do I.
### How to ask
{commands}
- Mention me, reply to an answer of mine, or write to me directly. Follow-ups are understood.
- Press **Follow up** under an answer to go on in a thread.
- On any message: **Apps → Check against the articles**.
-# Answers and timelines are kept for 90 days so that their buttons work; feedback is kept with its question and \
answer."""


class Server(commands.Cog):
    """Commands about the bot itself."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot

    @app_commands.command(description="What I can do, and how to ask")
    async def help(self, interaction: discord.Interaction[Dateline]) -> None:
        """Explain the bot to the person only."""
        listed = [
            f"- {command.mention} – {command.description}"
            for command in self._bot.registered
            if command.type is discord.AppCommandType.chat_input
        ]
        await respond(interaction, note(HELP.format(commands="\n".join(listed))))

    @app_commands.command(description="Where and how much I answer on this server")
    @app_commands.describe(
        answer_in="a channel I may answer in; once there is one, I answer in no others",
        not_in="a channel I may not answer in any more",
        everywhere="answer in all channels again",
        open_questions="how many questions one person may have open at a time",
        questions_per_hour="how many questions one person may ask in an hour; 0 for any number",
        mention_in_threads="whether I wait to be mentioned in threads of mine, too",
        daily_usd="what the language model may cost in a day, in USD; 0 for any amount",
        monthly_usd="what the language model may cost in a month, in USD; 0 for any amount",
        note_changes="whether I add a note to an answer of mine when a source of it has changed",
    )
    @for_managers
    async def settings(
        self,
        interaction: discord.Interaction[Dateline],
        answer_in: discord.TextChannel | None = None,
        not_in: discord.TextChannel | None = None,
        everywhere: bool = False,
        open_questions: app_commands.Range[int, 1, MOST_OPEN] | None = None,
        questions_per_hour: app_commands.Range[int, 0, MOST_AN_HOUR] | None = None,
        mention_in_threads: bool | None = None,
        daily_usd: app_commands.Range[float, 0.0, MOST_USD] | None = None,
        monthly_usd: app_commands.Range[float, 0.0, MOST_USD] | None = None,
        note_changes: bool | None = None,
    ) -> None:
        """Change what is given, and show all settings."""
        book, server = self._bot.library.preferences, interaction.guild_id
        changes: Changes = {"channels": chosen(book.of(server).channels, answer_in, not_in, everywhere)}
        if open_questions is not None:
            changes["open_questions"] = open_questions
        if questions_per_hour is not None:
            changes["questions_per_hour"] = questions_per_hour
        if mention_in_threads is not None:
            changes["mention_in_threads"] = mention_in_threads
        if daily_usd is not None:
            changes["daily_usd"] = daily_usd
        if monthly_usd is not None:
            changes["monthly_usd"] = monthly_usd
        if note_changes is not None:
            changes["note_changes"] = note_changes
        if (daily_usd or monthly_usd) and not is_priced(self._bot.settings):
            raise SettingsError(UNPRICED)
        changed = await in_thread(lambda: book.change(server, **changes))
        await respond(interaction, note(in_words(changed)))


def chosen(
    channels: frozenset[int], answer_in: Snowflake | None, not_in: Snowflake | None, everywhere: bool
) -> frozenset[int]:
    """Change the channels to answer in, of which none are all. Raises UsageError rather than mean the opposite."""
    more = (frozenset() if everywhere else channels) | ({answer_in.id} if answer_in else frozenset())
    fewer = more - ({not_in.id} if not_in else frozenset())
    if not_in and not fewer:
        raise UsageError("That would leave no channel. Name the channels I may answer in, with answer_in.")
    return fewer


def in_words(preferences: Preferences) -> str:
    """Say how the bot behaves."""
    channels = ", ".join(f"<#{channel}>" for channel in sorted(preferences.channels)) or "all channels"
    hourly = preferences.questions_per_hour or "any number"
    costs = " and ".join(
        f"${usd:,.2f} a {time}"
        for usd, time in ((preferences.daily_usd, "day"), (preferences.monthly_usd, "month"))
        if usd
    )
    capped = f"\n**For the language model** at most {costs}." if costs else ""
    noting = "\n**When a source changes** I add a note to the answer." if preferences.note_changes else ""
    mention = "only when mentioned" if preferences.mention_in_threads else "without being mentioned"
    return (
        f"**Channels** I answer in {channels}.\n"
        f"**Per person** {counted(preferences.open_questions, 'question')} at a time, {hourly} an hour.\n"
        f"**In threads of mine** I answer {mention}.{capped}{noting}"
    )

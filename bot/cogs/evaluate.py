"""`/evaluate`: the canned questions asked, with a bar that grows meanwhile, and the scoreboard, for managers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.answering import told
from bot.card import Card
from bot.cogs.managing import check_home, for_managers
from bot.delivery import CommandReply, GoneError, failures_told
from bot.failures import NOT_ALLOWED, failure_card
from bot.layout import pressed
from rag.answer.waiting import in_thread
from rag.errors import UsageError

if TYPE_CHECKING:
    from bot.client import Dateline
    from bot.evaluation import Evaluation
    from rag.store.store import Store

log = logging.getLogger(__name__)

EDITED_EVERY = 1.1  # seconds; Discord takes five edits of a message in five seconds
EVALUATED = "I am evaluated"
NONE_UNDER_WAY = "No evaluation is under way any more. Use /evaluate for another."

# What asks and scores is imported once the articles are open: the bot is to be there before all of it is.


class Evaluate(commands.Cog):
    """Evaluations, one at a time."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot
        self._one = asyncio.Lock()
        self._under_way: Evaluation | None = None
        self._actions = {"start": self.start, "stop": self.stop}

    @app_commands.command(description="Score my answers to the team's test questions")
    @for_managers
    async def evaluate(self, interaction: discord.Interaction[Dateline]) -> None:
        """Ask all questions and show the scores; where a model is asked, which costs, only once that is confirmed."""
        check_home(interaction, EVALUATED)
        reply = CommandReply(interaction, private=True)
        await reply.acknowledge()
        work = self._offered if self._bot.settings.has_model else self._scored
        await self._bot.see_through(self._see(work, reply))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Dateline]) -> None:
        """Start or stop an evaluation."""
        action, key = pressed(interaction) or ("", "")
        if action != "evaluation" or not self._bot.is_new(interaction.id):
            return
        async with failures_told(interaction):
            await self._actions[key](interaction)

    async def start(self, interaction: discord.Interaction[Dateline]) -> None:
        """Begin what was offered, in its place."""
        check_home(interaction, EVALUATED)
        if not interaction.permissions.manage_guild:  # any more
            raise UsageError(NOT_ALLOWED)
        reply = CommandReply(interaction, private=True, in_place=True)
        await reply.acknowledge()
        await self._bot.see_through(self._see(self._scored, reply))

    async def stop(self, interaction: discord.Interaction[Dateline]) -> None:
        """Ask no more; the scores of what has been asked are shown where its bar is."""
        if self._under_way is None:
            raise UsageError(NONE_UNDER_WAY)
        await CommandReply(interaction, private=True, in_place=True).acknowledge()
        self._under_way.stop()

    async def _see(self, work: Callable[[CommandReply, Store], Awaitable[Card]], reply: CommandReply) -> None:
        """Show what comes of the work. What goes wrong is said in its place."""
        try:
            await reply.show(await work(reply, await self._bot.library.store()))
        except GoneError as error:
            log.info("nobody to show an evaluation to any more: %s", error)
        except Exception as error:  # noqa: BLE001  # whoever asked must not be left waiting
            await told(reply, failure_card(error))

    async def _offered(self, reply: CommandReply, store: Store) -> Card:
        """Say what would be asked."""
        from bot.baseline import last_report
        from bot.evaluation import prepared
        from bot.scoreboard import offer_card

        self._check_free()
        settings = self._bot.settings
        subject, before = await prepared(store, settings), await in_thread(last_report, settings)
        return offer_card(len(subject.cases), settings.openai_model, before)

    async def _scored(self, reply: CommandReply, store: Store) -> Card:
        """Ask all questions, show how far that has come, and report."""
        from bot.evaluation import Evaluation, prepared
        from bot.scoreboard import stopped_card

        self._check_free()
        async with self._one:
            self._under_way = evaluation = Evaluation(await prepared(store, self._bot.settings))
            try:
                return await self._watched(evaluation, reply)
            except asyncio.CancelledError:
                await told(reply, stopped_card(evaluation.done, evaluation.found, evaluation.right))
                raise
            finally:
                evaluation.stop()
                self._under_way = None

    async def _watched(self, evaluation: Evaluation, reply: CommandReply) -> Card:
        from bot.evaluation import page
        from bot.scoreboard import progress_card, score_card

        over = False
        while not over:
            await reply.show(progress_card(evaluation.done, evaluation.found, evaluation.right))
            over = await evaluation.is_over(within=EDITED_EVERY)
        report = await evaluation.report()
        return score_card(report, await in_thread(page, report))

    def _check_free(self) -> None:
        """Raise UsageError if an evaluation is under way."""
        if self._one.locked():
            far = self._under_way
            asked = f"{far.done} of {far.found} questions are asked" if far else "it is about to ask"
            raise UsageError(f"An evaluation is under way: {asked}. Wait for its scores, then use /evaluate again.")

"""The store and the answers given in; a note in the message of each answer whose sources have changed since, out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.answering import cards_of
from bot.card import TEXT_LIMIT, Block, Card, Text
from bot.delivery import GoneError, edited, may_pass, sent
from bot.markdown import length
from bot.render import NOTE_LIMIT, short
from rag.answer.waiting import in_thread
from rag.errors import StoreError
from rag.receipts import Effect, Place, Receipt

if TYPE_CHECKING:
    from bot.client import Dateline
    from rag.watch import Watch

log = logging.getLogger(__name__)

LOOKED_EVERY = 1.0  # seconds; as long as the store is as it was, a look is a few reads of SQLite
PAUSE = 60.0  # seconds after what went wrong
CHANGED = "⚠️ **A source of this answer changed:** {}."


class Watching(commands.Cog):
    """Looks for changes in the background, whoever made them. What it has dealt with is kept with the receipts."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot
        self._watching: asyncio.Task[None]

    async def cog_load(self) -> None:
        """Begin to watch."""
        self._watching = asyncio.ensure_future(self._watch())

    async def cog_unload(self) -> None:
        """End it."""
        self._watching.cancel()

    async def _watch(self) -> None:
        try:
            watch = await self._bot.library.watch()
        except StoreError:  # which ends the bot
            return
        while True:
            try:
                await self._look(watch)
                await asyncio.sleep(LOOKED_EVERY)
            except Exception as error:  # noqa: BLE001  # one bad look must not be the last
                log.warning("could not look after the answers given: %r", error)
                await asyncio.sleep(PAUSE)

    async def _look(self, watch: Watch) -> None:
        """Find affected answers, one by one so that questions come in between, and note it in their messages."""
        receipts = self._bot.library.receipts
        for identity in await in_thread(watch.pending):
            await in_thread(watch.look_at, identity)
        affected: dict[str, list[Effect]] = {}
        for effect in await in_thread(receipts.unnoted):
            affected.setdefault(effect.receipt, []).append(effect)
        for identity, effects in affected.items():
            receipt = await in_thread(receipts.get, identity)
            if receipt and receipt.place and self._is_wanted(receipt):
                known = await in_thread(receipts.effects, identity)
                await self._note(receipt.place, noted(cards_of(receipt, identity)[0], known))
            await in_thread(receipts.noted, effects)

    def _is_wanted(self, receipt: Receipt) -> bool:
        return self._bot.library.preferences.of(receipt.asked.server).note_changes

    async def _note(self, place: Place, card: Card) -> None:
        """Make the message of an answer show a card, unless the message is gone."""
        message = self._bot.get_partial_messageable(place.channel).get_partial_message(place.message)
        try:
            await sent(lambda: edited(message, card))
        except GoneError as error:
            log.info("an answer is not there any more: %s", error)
        except discord.HTTPException as error:
            if may_pass(error):
                raise
            log.warning("could not note a change in an answer: %s", error)


def noted(card: Card, effects: Sequence[Effect]) -> Card:
    """Add to an answer what has become of its sources, as far as there is room in a message."""
    room = TEXT_LIMIT - sum(length(text.markdown) for text in card.texts) - len(CHANGED)
    said = short("; ".join(effect.reason for effect in effects), min(NOTE_LIMIT, room))
    return replace(card, texts=(*card.texts, Text(Block.NOTE, CHANGED.format(said))))

"""A question and a place for the answer in, the answer there out, growing as its claims are verified."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import discord

from bot.card import Button, Card, Colour, note
from bot.delivery import GoneError, Reply
from bot.desk import Desk, Ticket
from bot.failures import failure_card
from bot.library import Library
from bot.render import answer_cards, growing_card
from rag.answer.waiting import in_thread
from rag.errors import StoreError
from rag.receipts import Asked, Place, Receipt, new_identity, receipt_of
from rag.schema import Answer, Claim

log = logging.getLogger(__name__)

PLACE_SHOWN_AFTER = 1.0  # seconds in line
PLACE_SHOWN_EVERY = 5.0
EDITED_EVERY = 1.1  # seconds; Discord takes five edits of a message in five seconds
UNHURRIED = 0.3  # seconds in which an answer that is as good as ready is waited for rather than shown by halves
RESTARTED = "I was restarted before I could answer this. Please ask again."


class Answering:
    """Takes questions and sees them through: in line, in work, answered, kept."""

    def __init__(self, library: Library, desk: Desk) -> None:
        self._library = library
        self._desk = desk

    def admit(self, person: int, server: int | None) -> Ticket:
        """Take a question into the line. Raises BusyError."""
        return self._desk.admit((server, person), self._library.preferences.of(server))

    async def answer(self, ticket: Ticket, asked: Asked, reply: Reply) -> None:
        """See a question through to its answer, which grows as its claims are verified, and is kept."""
        identity = new_identity()

        async def cards() -> Sequence[Card]:
            return await self._cards(asked, reply, identity)

        message = await self.see(ticket, reply, cards)
        if message and not asked.private:
            await self._place(identity, Place(message.channel.id, message.id))

    async def see(
        self, ticket: Ticket, reply: Reply, cards: Callable[[], Awaitable[Sequence[Card]]]
    ) -> discord.Message | None:
        """Acknowledge, wait for the turn, show what comes of the work, and return the first message that does.

        What goes wrong is said in its place.
        """
        try:
            with ticket:
                await reply.acknowledge()
                await self._in_turn(ticket, reply)
                return await post(await cards(), reply)
        except GoneError as error:
            log.info("nobody to answer to any more: %s", error)
        except asyncio.CancelledError:
            await told(reply, note(RESTARTED, Colour.PROBLEM))
            raise
        except Exception as error:  # noqa: BLE001  # whoever asked must not be left waiting
            await told(reply, failure_card(error))
        return None

    async def _in_turn(self, ticket: Ticket, reply: Reply) -> None:
        """Wait for the question's turn, and meanwhile show its place in line when it changes."""
        shown, patience = 0, PLACE_SHOWN_AFTER
        while not await ticket.is_called(within=patience):
            if ticket.place != shown:
                shown, patience = ticket.place, PLACE_SHOWN_EVERY
                await reply.show(note(f"Your question is number **{shown}** in line."))

    async def _composed(self, asked: Asked, reply: Reply) -> Answer:
        """Have the question answered, and meanwhile show the claims there are."""
        claims: list[Claim] = []
        news = asyncio.Event()

        def shown(claim: Claim) -> None:
            claims.append(claim)
            news.set()

        engine = await self._library.engine()
        composing = asyncio.ensure_future(
            engine.answer(asked.question, asked.history, asked.filters, shown, str(asked.server or ""))
        )
        try:
            patience = UNHURRIED
            while not await is_done(composing, news, patience):
                news.clear()
                await reply.show(growing_card(tuple(claims), asked.question if asked.repeated else ""))
                patience = EDITED_EVERY
            return composing.result()
        finally:
            composing.cancel()

    async def _cards(self, asked: Asked, reply: Reply, identity: str) -> list[Card]:
        """Have a question answered, keep a receipt, and render the answer."""
        store = await self._library.store()
        state = await in_thread(store.state)
        answer = await self._composed(asked, reply)
        receipt = await in_thread(receipt_of, answer, asked, self._library.settings, state, datetime.now(UTC))
        try:
            await in_thread(self._library.receipts.keep, identity, receipt, state)
        except StoreError as error:  # the answer does without its buttons
            log.warning("could not keep an answer: %s", error)
            return list(answer_cards(answer, asked.question if asked.repeated else ""))
        return cards_of(receipt, identity)

    async def _place(self, identity: str, place: Place) -> None:
        try:
            await in_thread(self._library.receipts.placed, identity, place)
        except StoreError as error:  # the answer stands
            log.warning("could not keep where an answer is: %s", error)


def cards_of(receipt: Receipt, identity: str) -> list[Card]:
    """Render an answer that was kept, with its buttons, which work for as long as it is kept."""
    answer, asked = receipt.answer, receipt.asked
    *cards, last = answer_cards(answer, asked.question if asked.repeated else "")
    return [*cards, last.with_buttons(*buttons(answer, identity, asked.threaded))]


def buttons(answer: Answer, key: str, threaded: bool) -> list[list[Button]]:
    """Choose the rows of buttons under an answer."""
    passages = [Button("passages", key, "Passages", "📄")] if answer.citations else []
    follow_up = [Button("follow", key, "Follow up", "💬")] if threaded else []
    unsupported = [Button("unsupported", key, "Citation", "🔗")] if answer.citations else []
    return [[*passages, *follow_up], [Button("good", key, "", "👍"), Button("wrong", key, "", "👎"), *unsupported]]


async def is_done(composing: asyncio.Future[Answer], news: asyncio.Event, patience: float) -> bool:
    """Wait until an answer is done, or there is news of it that is worth showing."""
    first_news = asyncio.ensure_future(news.wait())
    either: set[asyncio.Future[Any]] = {composing, first_news}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.wait({composing}, timeout=patience)
    finally:
        first_news.cancel()
    return composing.done()


async def post(cards: Sequence[Card], reply: Reply) -> discord.Message | None:
    """Show an answer: its first card in place, in the message that is returned, the others below."""
    message = await reply.show(cards[0])
    try:
        for number, card in enumerate(cards[1:], start=2):
            await reply.add(card, number)
    except discord.HTTPException as error:  # the first card stands, and its file has all
        log.warning("could not send a further part of an answer: %s", error)
    return message


async def told(reply: Reply, card: Card) -> None:
    """Show a card if that is still possible."""
    try:
        await reply.show(card)
    except Exception as error:  # noqa: BLE001  # there is nobody left to tell
        log.warning("could not say what went wrong: %r", error)

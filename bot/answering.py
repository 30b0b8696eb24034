"""A question and a place for the answer in, the answer there out, growing as its claims are verified."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import discord

from bot.archive import Kept
from bot.card import Button, Card, Colour, note
from bot.delivery import GoneError, Reply
from bot.desk import Desk, Ticket
from bot.failures import failure_card
from bot.library import Library
from bot.render import answer_cards, growing_card
from rag.answer.waiting import in_thread
from rag.records import answer_record
from rag.schema import Answer, Claim, Filters, Turn

log = logging.getLogger(__name__)

NO_FILTERS = Filters()
PLACE_SHOWN_AFTER = 1.0  # seconds in line
PLACE_SHOWN_EVERY = 5.0
EDITED_EVERY = 1.1  # seconds; Discord takes five edits of a message in five seconds
UNHURRIED = 0.3  # seconds in which an answer that is as good as ready is waited for rather than shown by halves
RESTARTED = "I was restarted before I could answer this. Please ask again."


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, where it was asked, and what is known of it besides."""

    question: str
    server: int | None  # None: in direct messages
    history: tuple[Turn, ...] = ()
    filters: Filters = NO_FILTERS
    private: bool = False
    repeated: bool = False  # whether the answer repeats the question, because nobody else could see it
    threaded: bool = False  # whether a thread can be opened on the answer


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

        async def cards() -> Sequence[Card]:
            return await self._cards(await self._composed(asked, reply), asked)

        await self.see(ticket, reply, cards)

    async def see(self, ticket: Ticket, reply: Reply, cards: Callable[[], Awaitable[Sequence[Card]]]) -> None:
        """Acknowledge, wait for the turn, and show what comes of the work. What goes wrong is said in its place."""
        try:
            with ticket:
                await reply.acknowledge()
                await self._in_turn(ticket, reply)
                await post(await cards(), reply)
        except GoneError as error:
            log.info("nobody to answer to any more: %s", error)
        except asyncio.CancelledError:
            await told(reply, note(RESTARTED, Colour.PROBLEM))
            raise
        except Exception as error:  # noqa: BLE001  # whoever asked must not be left waiting
            await told(reply, failure_card(error))

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
        composing = asyncio.ensure_future(engine.answer(asked.question, asked.history, asked.filters, shown))
        try:
            patience = UNHURRIED
            while not await is_done(composing, news, patience):
                news.clear()
                await reply.show(growing_card(tuple(claims), asked.question if asked.repeated else ""))
                patience = EDITED_EVERY
            return composing.result()
        finally:
            composing.cancel()

    async def _cards(self, answer: Answer, asked: Asked) -> list[Card]:
        """Render an answer with its buttons, which work for as long as the answer is kept."""
        kept = Kept(
            when=datetime.now(UTC),
            question=asked.question,
            record=answer_record(answer),
            versions=await self._library.versions(),
            server=str(asked.server or ""),
            private=asked.private,
            history=asked.history,
            filters=asked.filters,
        )
        key = await in_thread(self._library.archive.keep, kept)
        *cards, last = answer_cards(answer, asked.question if asked.repeated else "")
        return [*cards, last.with_buttons(*buttons(answer, key, asked.threaded))]


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


async def post(cards: Sequence[Card], reply: Reply) -> None:
    """Show an answer: its first card in place, the others below."""
    await reply.show(cards[0])
    try:
        for number, card in enumerate(cards[1:], start=2):
            await reply.add(card, number)
    except discord.HTTPException as error:  # the first card stands, and its file has all
        log.warning("could not send a further part of an answer: %s", error)


async def told(reply: Reply, card: Card) -> None:
    """Show a card if that is still possible."""
    try:
        await reply.show(card)
    except Exception as error:  # noqa: BLE001  # there is nobody left to tell
        log.warning("could not say what went wrong: %r", error)

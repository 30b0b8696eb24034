"""Messages in: mentions, replies, messages in threads of the bot's, direct messages. Answers in reply out."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.answering import told
from bot.card import note
from bot.conversation import Me, history_before, is_meant, question_in
from bot.delivery import MessageReply, sent
from bot.failures import failure_card
from rag.receipts import Asked

if TYPE_CHECKING:
    from bot.client import Dateline

NO_QUESTION = "Ask me about the articles, for example: **who signed the pact?** `/help` says what else I can do."
UNREADABLE = "Discord shows me only messages that mention me, not my role. Write to me with my @name, or use `/ask`."
HINTED = 1000  # places of which it is known that they were told so


class Conversation(commands.Cog):
    """Questions by message."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot
        self._hinted: deque[int] = deque(maxlen=HINTED)

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Answer a message that is meant for the bot, and no other."""
        me, server = self._bot.user, message.guild.id if message.guild else None
        if me is None or not is_meant(message, me, self._bot.library.preferences.of(server)):
            return
        if not self._bot.is_new(message.id):
            return
        question, reply = question_in(message, me), MessageReply(message)
        if question:
            await self._bot.see_through(self._answered(message, question, me, reply))
        elif me in message.mentions or server is None:
            await told(reply, note(NO_QUESTION))
        elif not self._bot.intents.message_content and message.channel.id not in self._hinted:
            self._hinted.append(message.channel.id)
            await told(reply, note(UNREADABLE))

    async def _answered(self, message: discord.Message, question: str, me: Me, reply: MessageReply) -> None:
        server = message.guild.id if message.guild else None
        try:
            with self._bot.answering.admit(message.author.id, server) as ticket:
                asked = Asked(
                    question=question,
                    server=server,
                    history=await sent(lambda: history_before(message, me)),
                    threaded=isinstance(message.channel, discord.TextChannel),
                )
                await self._bot.answering.answer(ticket, asked, reply)
        except Exception as error:  # noqa: BLE001  # whoever asked must not be left waiting
            await told(reply, failure_card(error))

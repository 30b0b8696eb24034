"""A message in; whether it is meant for the bot, what it asks, and the conversation before it, out.

The chain of replies is the history: nothing has to be remembered, it outlives a restart, and it branches as people do.
"""

from __future__ import annotations

import re
from typing import TypeAlias

import discord

from bot.card import Block
from bot.layout import text_of
from bot.markdown import unescaped
from bot.preferences import Preferences
from rag.schema import Turn

MOST_MESSAGES = 12  # of a conversation are read; a follow-up leans on the last few
LOOKED_BACK = 30  # messages in a thread or a direct conversation, among which the last answer is looked for
# at the end of a line, or before the outlets of a disagreement
MARKERS = re.compile(r" ?[⁰¹²³⁴⁵⁶⁷⁸⁹]+(?: [⁰¹²³⁴⁵⁶⁷⁸⁹]+)*(?=$| \()", re.MULTILINE)

Me: TypeAlias = discord.ClientUser


def is_meant(message: discord.Message, me: Me, preferences: Preferences) -> bool:
    """Tell whether a person's message is for the bot, and where it may answer."""
    if message.author.bot or message.type not in (discord.MessageType.default, discord.MessageType.reply):
        return False
    if message.guild is None:
        return True
    if not may_answer_in(message.channel, preferences):
        return False
    if me in message.mentions or answered(message, me) or message.guild.self_role in message.role_mentions:
        return True
    return is_own_thread(message.channel, me) and not preferences.mention_in_threads and not to_others(message, me)


def may_answer_in(channel: object, preferences: Preferences) -> bool:
    """Tell whether the bot may answer in a channel, or in a thread of it."""
    places = {getattr(channel, "id", 0), getattr(channel, "parent_id", 0)}
    return not preferences.channels or bool(places & preferences.channels)


def answered(message: discord.Message, me: Me) -> bool:
    """Tell whether a message replies to one of the bot's."""
    replied_to = message.reference.resolved if message.reference else None
    return isinstance(replied_to, discord.Message) and replied_to.author.id == me.id


def is_own_thread(channel: object, me: Me) -> bool:
    return isinstance(channel, discord.Thread) and channel.owner_id == me.id


def to_others(message: discord.Message, me: Me) -> bool:
    """Tell whether a message speaks to somebody else: it mentions them, or replies to them."""
    named = message.mentions or message.role_mentions or message.mention_everyone
    return bool(named or (message.reference and not answered(message, me)))


def question_in(message: discord.Message, me: Me) -> str:
    """Read what a person's message asks, with names in place of mentions and without the bot's own."""
    named = {f"<@{user.id}>": user.display_name for user in message.mentions if user.id != me.id}
    named |= {f"<@&{role.id}>": role.name for role in message.role_mentions}
    named |= {f"<#{channel.id}>": channel.name for channel in message.channel_mentions if hasattr(channel, "name")}
    text = message.content.replace("<@!", "<@").replace(f"<@{me.id}>", " ")
    for mention, name in named.items():
        text = text.replace(mention, name)
    return " ".join(text.split())


async def history_before(message: discord.Message, me: Me) -> tuple[Turn, ...]:
    """Read the conversation that a message goes on with, the oldest turn first."""
    turns: list[Turn] = []
    earlier = await before(message, me)
    for _ in range(MOST_MESSAGES):
        if earlier is None:
            break
        turns = [*turns_of(earlier, me), *turns]
        earlier = await before(earlier, me)
    return tuple(turns)


def turns_of(message: discord.Message, me: Me) -> list[Turn]:
    """Read one message as turns: an answer that repeats its question is two."""
    if message.author.id != me.id:
        question = question_in(message, me)
        return [Turn("user", question)] if question else []
    question = unescaped(text_of(message, Block.QUESTION).removeprefix("**").removesuffix("**"))
    answer = unescaped(MARKERS.sub("", text_of(message, Block.CLAIMS)))
    turns = [Turn("user", question), Turn("assistant", answer)]
    return [turn for turn in turns if turn.content]


async def before(message: discord.Message, me: Me) -> discord.Message | None:
    """Find the message that another goes on from: the one it replies to, or the last answer to the same person."""
    if message.reference is not None:
        return await replied_to(message, message.reference)
    if message.author.id == me.id:
        return None  # the answer to a command: its question is in it
    if isinstance(message.channel, discord.Thread):
        return await last_answer(message, me) or await opening(message.channel)
    return await last_answer(message, me) if message.guild is None else None


async def replied_to(message: discord.Message, reference: discord.MessageReference) -> discord.Message | None:
    if isinstance(reference.resolved, discord.Message):
        return reference.resolved
    if reference.message_id is None or isinstance(reference.resolved, discord.DeletedReferencedMessage):
        return None
    return await fetched(message.channel, reference.message_id)


async def last_answer(message: discord.Message, me: Me) -> discord.Message | None:
    """Find the bot's last answer to the author of a message, before it and in the same place."""
    try:
        async for earlier in message.channel.history(limit=LOOKED_BACK, before=message):
            if earlier.author.id == me.id and text_of(earlier, Block.CLAIMS) and is_to(earlier, message.author):
                return earlier
    except (discord.Forbidden, discord.NotFound):
        pass
    return None


def is_to(answer: discord.Message, person: discord.abc.User) -> bool:
    """Tell whether an answer was given to a person, who asked by a message or by a command."""
    question = answer.reference.resolved if answer.reference else None
    if isinstance(question, discord.Message):
        return question.author.id == person.id
    by_command = answer.interaction_metadata
    return by_command.user.id == person.id if by_command else answer.guild is None


async def opening(thread: discord.Thread) -> discord.Message | None:
    """Find the message that a thread was opened on, which has the same id."""
    return await fetched(thread.parent, thread.id) if isinstance(thread.parent, discord.abc.Messageable) else None


async def fetched(channel: discord.abc.Messageable, identity: int) -> discord.Message | None:
    try:
        return await channel.fetch_message(identity)
    except (discord.Forbidden, discord.NotFound):
        return None

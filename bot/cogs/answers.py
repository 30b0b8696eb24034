"""The buttons under answers, also under those from before a restart: passages, a thread, what people think of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import discord
from discord import ui
from discord.ext import commands

from bot.answering import post
from bot.card import Button, note
from bot.delivery import CommandReply, GoneError, failures_told, respond, sent
from bot.layout import custom_id, layout, pressed
from bot.markdown import shortened, superscript, visible
from bot.passages import passage_cards
from rag.answer.waiting import in_thread
from rag.answer.wording import outlet_and_date
from rag.errors import UsageError
from rag.feedback import Feedback, Verdict
from rag.receipts import Receipt
from rag.schema import Citation

if TYPE_CHECKING:
    from bot.client import Dateline

TOO_OLD = "This answer is too old for its buttons. Ask again, and they will work."
THANKS = "Thank you, I have noted that."
NO_THREAD = "I may not open a thread here. Reply to the answer instead, or mention me."
THREAD_GREETING = "Go on here: mention me, or reply to an answer of mine."
THREAD_NAME_LIMIT = 90  # characters; Discord takes 100
COMMENT_LIMIT = 1000
MOST_OPTIONS, OPTION_LIMIT = 25, 100  # Discord, select menus
HAS_THREAD = 160004  # Discord's code for a message that has a thread already


class Answers(commands.Cog):
    """What can be done with an answer."""

    def __init__(self, bot: Dateline) -> None:
        self._bot = bot
        self._actions = {
            "passages": self.passages,
            "follow": self.follow,
            "good": self.good,
            "wrong": self.wrong,
            "why": self.why,
            "unsupported": self.unsupported,
        }

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Dateline]) -> None:
        """Do what a button or a modal under an answer is for."""
        action, key = pressed(interaction) or ("", "")
        if action not in self._actions or not self._bot.is_new(interaction.id):
            return
        async with failures_told(interaction):
            await self._actions[action](interaction, key, await self._receipt(interaction, key))

    async def _receipt(self, interaction: discord.Interaction[Dateline], key: str) -> Receipt:
        """Find the answer, if it was given where the button was pressed. Raises UsageError."""
        receipt = await in_thread(self._bot.library.receipts.get, key)
        if receipt is None or receipt.asked.server != interaction.guild_id:
            raise UsageError(TOO_OLD)
        return receipt

    async def passages(self, interaction: discord.Interaction[Dateline], key: str, receipt: Receipt) -> None:
        """Show each quoted passage in its context to the person who pressed."""
        reply = CommandReply(interaction, private=True)
        await reply.acknowledge()
        citations = receipt.answer.citations
        texts = await self._bot.library.texts({citation.source.document for citation in citations})
        await post(passage_cards(citations, texts), reply)

    async def follow(self, interaction: discord.Interaction[Dateline], key: str, receipt: Receipt) -> None:
        """Open a thread on an answer, in which the conversation goes on."""
        message = interaction.message
        reply = CommandReply(interaction, private=True)
        await reply.acknowledge()
        if message is None:
            raise UsageError(NO_THREAD)
        name = shortened(visible(" ".join(receipt.asked.question.split())), THREAD_NAME_LIMIT) or "Follow-up"
        try:
            thread = await sent(lambda: message.create_thread(name=name))
            await sent(lambda: thread.send(view=layout(note(THREAD_GREETING)), nonce=str(interaction.id)))
        except GoneError:
            raise UsageError(NO_THREAD) from None
        except discord.HTTPException as error:
            if error.code != HAS_THREAD:
                raise
        await reply.show(note(f"Go on in <#{message.id}>."))  # a thread has the id of the message it was opened on

    async def good(self, interaction: discord.Interaction[Dateline], key: str, receipt: Receipt) -> None:
        """Note that an answer is good."""
        await self._note(interaction, key, receipt, Verdict.GOOD)
        await respond(interaction, note(THANKS))

    async def wrong(self, interaction: discord.Interaction[Dateline], key: str, receipt: Receipt) -> None:
        """Note that an answer is wrong, and offer to say why."""
        await self._note(interaction, key, receipt, Verdict.WRONG)
        await respond(interaction, note(THANKS).with_buttons([Button("why", key, "Say what is wrong")]))

    async def why(self, interaction: discord.Interaction[Dateline], key: str, receipt: Receipt) -> None:
        """Ask what is wrong, and note it."""
        if interaction.type is not discord.InteractionType.modal_submit:
            await ask_in_modal(interaction, "What is wrong?", custom_id("why", key), comment_box(required=True))
            return
        await self._note(interaction, key, receipt, Verdict.WRONG, filled_in(interaction).get("comment", ""))
        await respond(interaction, note(THANKS))

    async def unsupported(self, interaction: discord.Interaction[Dateline], key: str, receipt: Receipt) -> None:
        """Ask which citation does not support what it is cited for, and why; and note it."""
        if interaction.type is not discord.InteractionType.modal_submit:
            boxes = (citation_box(receipt.answer.citations), comment_box(required=False))
            await ask_in_modal(interaction, "Citation does not support this", custom_id("unsupported", key), *boxes)
            return
        said = filled_in(interaction)
        citation = int(said["citation"]) if said.get("citation", "").isdecimal() else None
        await self._note(interaction, key, receipt, Verdict.UNSUPPORTED, said.get("comment", ""), citation)
        await respond(interaction, note(THANKS))

    async def _note(
        self,
        interaction: discord.Interaction[Dateline],
        key: str,
        receipt: Receipt,
        verdict: Verdict,
        comment: str = "",
        citation: int | None = None,
    ) -> None:
        feedback = Feedback(
            when=datetime.now(UTC),
            verdict=verdict,
            person=str(interaction.user.id),
            question=receipt.asked.question,
            answer=receipt.record,
            versions=receipt.versions,
            server=str(receipt.asked.server or ""),
            comment=comment,
            citation=citation,
            history=receipt.asked.history,
            filters=receipt.asked.filters,
        )
        await in_thread(self._bot.library.feedback.put, key, feedback)


async def ask_in_modal(interaction: discord.Interaction[Any], title: str, name: str, *boxes: ui.Label[Any]) -> None:
    """Open a modal. discord.py is not to wait for it: its submission is read like a button, also after a restart."""
    modal = ui.Modal(title=title, custom_id=name)
    for box in boxes:
        modal.add_item(box)
    modal.stop()
    await sent(lambda: interaction.response.send_modal(modal))


def citation_box(citations: Sequence[Citation]) -> ui.Label[Any]:
    """Let a person choose one of the citations."""
    options = [
        discord.SelectOption(
            label=shortened(visible(f"{superscript(number)} {outlet_and_date(citation.source)}"), OPTION_LIMIT),
            description=shortened(visible(" ".join(citation.quote.split())), OPTION_LIMIT) or None,
            value=str(number),
            default=len(citations) == 1,
        )
        for number, citation in enumerate(citations[:MOST_OPTIONS], start=1)
    ]
    return ui.Label(text="Which citation?", component=ui.Select(custom_id="citation", options=options))


def comment_box(required: bool) -> ui.Label[Any]:
    """Let a person say why."""
    box: ui.TextInput[Any] = ui.TextInput(
        custom_id="comment", style=discord.TextStyle.paragraph, required=required, max_length=COMMENT_LIMIT
    )
    return ui.Label(text="Why?", component=box)


def filled_in(interaction: discord.Interaction[Any]) -> dict[str, str]:
    """Read what was put into a modal: the value of each field, or the first one chosen."""
    data: Mapping[str, Any] = interaction.data or {}
    fields = [row.get("component") or (row.get("components") or [{}])[0] for row in data.get("components", ())]
    return {
        str(field.get("custom_id", "")): str(field.get("value") or next(iter(field.get("values") or ()), ""))
        for field in fields
    }

"""An answer whose source changes gets a note, where that is wanted: once, by whoever the change is, after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from rag.ingest.pipeline import ingest
from rag.receipts import Receipts
from tests.bot.newsroom import Newsroom, article, copied, newsroom, settled
from tests.discord_server import Message, acts
from tests.gazette import open_gazette

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANGED = "⚠️ **A source of this answer changed:** "
WITHIN = 60.0  # seconds for a note; on an idle machine it takes one


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(gazette: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Newsroom]:
    async with newsroom(copied(gazette, tmp_path_factory.mktemp("watching"))) as room:
        yield room


async def mill(room: Newsroom, name: str, says: str) -> str:
    """Have an article say something of a mill, and return the question for it."""
    await published(room, name, f"The mill of {name} was sold to {says} in April. It grinds rye.")
    return f"To whom was the mill of {name} sold?"


async def published(room: Newsroom, name: str, text: str) -> None:
    """Ingest an article in a process that is not the bot's; without a text, take it out."""
    folder = room.data.parent / "mills"
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.md"
    file.write_bytes(article(f"Mill of {name}", text, publisher="Mill Post")) if text else file.unlink()
    await asyncio.to_thread(in_line, room.data, folder)


def in_line(data: Path, folder: Path) -> None:
    with open_gazette(data) as store:
        ingest([str(folder)], store)


async def noted(answer: Message) -> str:
    """Wait for the note under an answer, and return what it says."""
    await answer.until(lambda message: CHANGED in message.text, within=WITHIN)
    return answer.text.partition(CHANGED)[2].partition("\n")[0]


async def looked_after(room: Newsroom) -> None:
    """Wait until the bot has dealt with everything that has changed."""
    witness = await answered(room, "Witness")
    await published(room, "Witness", "Nothing is known of it.")
    await noted(witness)


async def answered(room: Newsroom, name: str, **where: Any) -> Message:
    return await room.answer(await mill(room, name, "a baker of the village"), **where)


async def wanted(room: Newsroom, wanted: bool = True) -> None:
    """Say whether notes are wanted."""
    shown = (await settled(await room.boss.slash(room.channel, "settings", note_changes=wanted))).text
    assert ("**When a source changes** I add a note to the answer." in shown) == wanted


async def test_an_edited_and_a_removed_source_are_noted_below_an_answer_that_stays_as_it_was(room: Newsroom) -> None:
    await wanted(room)
    edited, removed = await answered(room, "Aldern"), await answered(room, "Birke")
    before, buttons = edited.text, list(edited.buttons)
    await published(room, "Aldern", "The mill of Aldern is a ruin.")
    await settled(await room.boss.slash(room.channel, "remove", article="Birke.md"))
    assert await noted(edited) == "the passage that it quotes is no longer in the article (Mill Post, date unknown)."
    assert await noted(removed) == "an article that it quotes (Mill Post, date unknown) was removed."
    assert edited.text.startswith(before)
    assert list(edited.buttons) == buttons
    assert "baker of the village" in (await settled(await room.bob.click(edited, "Passages"))).text


async def test_an_edit_that_leaves_the_quote_and_other_answers_is_not_noted(room: Newsroom) -> None:
    await wanted(room)
    untouched, other = await answered(room, "Cohl"), await room.answer()
    before = [each.text for each in (untouched, other)]
    longer = "Corrected on Monday.\n\nThe mill of Cohl was sold to a baker of the village in April. It grinds oats."
    await published(room, "Cohl", longer)
    await looked_after(room)
    assert [each.text for each in (untouched, other)] == before


async def test_a_change_by_another_process_is_noted_by_a_bot_that_was_away_and_only_once(room: Newsroom) -> None:
    await wanted(room)
    answer = await answered(room, "Dorn")
    await room.stop()
    await published(room, "Dorn", "")
    await room.start()
    assert "was removed" in await noted(answer)
    await looked_after(room)  # so that it is on record, and not only in Discord
    edits = len(answer.edits)
    await room.restart()
    await looked_after(room)
    assert len(answer.edits) == edits


async def test_nothing_is_noted_where_that_is_not_wanted_nor_what_happened_before(room: Newsroom) -> None:
    await wanted(room, False)
    elsewhere = room.discord.guild("Elsewhere")
    channel, manager = elsewhere.channel("general"), elsewhere.member("manager", manages=True)
    await settled(await manager.slash(channel, "settings", note_changes=True))
    unwanted = await answered(room, "Erle")
    direct = await room.answer("To whom was the mill of Erle sold?", at=room.alice.direct)
    private = await room.answer("To whom was the mill of Erle sold?", private=True)
    wanted_there = await room.answer("To whom was the mill of Erle sold?", to=manager, at=channel)
    await mill(room, "Erle", "nobody after all")
    await noted(wanted_there)
    await wanted(room)
    await looked_after(room)
    assert [CHANGED in each.text for each in (unwanted, direct, private)] == [False] * 3


async def test_a_deleted_answer_is_left_alone(room: Newsroom) -> None:
    await wanted(room)
    gone = await answered(room, "Fichte")
    acts.delete(gone)
    await mill(room, "Fichte", "the miller's daughter")
    await looked_after(room)
    assert CHANGED not in gone.text
    with Receipts(room.data / "receipts.sqlite3") as receipts:
        assert "Fichte.md" in {effect.document for effect in receipts.effects()}
        assert "Fichte.md" not in {effect.document for effect in receipts.unnoted()}

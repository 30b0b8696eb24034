"""Apps → Check against the articles: each statement of anybody's message, marked, for the person only who asked."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from rag.answer.wording import NOTHING_TO_CHECK
from tests.bot.newsroom import Newsroom, copied, newsroom, settled
from tests.discord_server import Interaction, Message, Upload

pytestmark = pytest.mark.asyncio(loop_scope="module")
CHECK = "Check against the articles"
FERRY = (
    "-# **Coast Courier**, 12 March 2024 · "
    "[Ferry line between Oskel and Brenhaven to open in June](<https://coast.example/ferry>)"
)
FIRE = "A fire destroyed four thousand books in the city library of Tarn on Wednesday night."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(gazette: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Newsroom]:
    async with newsroom(copied(gazette, tmp_path_factory.mktemp("checking"))) as room:
        yield room


async def checked(room: Newsroom, message: Message) -> Message:
    """Have a message of anybody's checked, and wait for the result."""
    return await settled(await room.alice.apps(message, CHECK))


async def test_each_statement_is_marked_with_the_passage_it_rests_on(room: Newsroom) -> None:
    said = "A ferry carries 240 people. A crossing takes 25 minutes. The mayor of Tarn resigned on Friday!"
    shown = await checked(room, await room.bob.says(room.channel, said))
    supported = f"✅ **Supported** · A ferry carries 240 people.\n> A ferry carries 240 people.\n{FERRY}"
    contradicted = (
        "❌ **Contradicted** · A crossing takes 25 minutes.\n-# The article says 55, not 25.\n"
        f"> A crossing takes 55 minutes.\n{FERRY}"
    )
    missing = "❔ **Not in the articles** · The mayor of Tarn resigned on Friday!"
    assert shown.text.startswith(f"{supported}\n{contradicted}\n{missing}")


async def test_a_message_that_states_nothing_has_nothing_to_check(room: Newsroom) -> None:
    for text in ("Good morning everybody, how are you?", "https://coast.example/ferry", "🎉"):
        assert (await checked(room, await room.bob.says(room.channel, text))).text == NOTHING_TO_CHECK
    picture = await room.bob.says(room.channel, "", files=[Upload("harbour.png", b"\x89PNG")])
    assert (await checked(room, picture)).text == NOTHING_TO_CHECK


async def test_an_answer_of_the_bots_own_is_borne_out(room: Newsroom) -> None:
    answer = await room.answer("How many books did the fire in the library of Tarn destroy?")
    shown = await checked(room, answer)
    assert shown.text.startswith(f"✅ **Supported** · {FIRE}\n> {FIRE}\n")
    assert shown.text.count("✅") == 1
    assert not {"❌", "❔"} & set(shown.text)


async def test_what_a_message_has_in_it_formats_and_pings_nothing(room: Newsroom) -> None:
    text = f"# Herring [is **cheap**](https://evil.example) in `Tarn` for {room.alice.mention} @everyone ||now|| ~~x~~."
    shown = await checked(room, await room.boss.says(room.channel, text))
    mark, _, statement = shown.text.partition("\n")[0].partition(" · ")
    assert mark == "❔ **Not in the articles**"
    assert statement.startswith("Herring is cheap in Tarn for")
    assert not {"@everyone", "evil.example", room.alice.mention} & set(statement.split())
    assert not shown.now.pings


async def test_a_long_message_is_checked_to_its_end_in_several_messages_and_a_file(room: Newsroom) -> None:
    stated = [f"A ferry carries {number} people." for number in range(300, 319)]
    ending = "The slate quarry above Tarn employs 310 people."
    begun = await room.alice.apps(await room.bob.says(room.channel, " ".join([*stated, ending])), CHECK)
    shown = [await settled(begun, until="❌"), await begun.followup()]
    assert all(message.ephemeral for message in shown)
    [file] = shown[0].attachments
    whole = "\n".join(message.text for message in shown)
    assert (file.filename, file.content.decode().split()) == ("checked.md", whole.split())
    assert re.findall(r"Contradicted\*\* · (.+)", whole) == stated
    assert re.findall(r"Supported\*\* · (.+)", whole) == [ending]


async def test_two_people_check_the_same_message_each_for_themselves(room: Newsroom) -> None:
    message = await room.boss.says(room.channel, "A ferry carries 240 people.")
    checks: list[Interaction] = [await person.apps(message, CHECK) for person in (room.alice, room.bob)]
    texts = [(await settled(each)).text for each in checks]
    assert texts[0] == texts[1]
    assert texts[0].startswith("✅ **Supported**")
    assert message.replies == []


async def test_a_direct_message_can_be_checked(room: Newsroom) -> None:
    message = await room.alice.says(room.alice.direct, "A ferry carries 340 people.")
    assert (await checked(room, message)).text.startswith("❌ **Contradicted** · A ferry carries 340 people.")

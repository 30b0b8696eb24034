"""What people do with an answer they were given: its passages, a thread on it, and what they think of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from rag.receipts import KEPT_FOR, Receipts
from tests.bot.newsroom import COST, PAID, VOLCANOES, Newsroom, article, copied, dateline, newsroom, settled
from tests.discord_server import Permission, Upload, acts

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOO_OLD = "too old for its buttons"
GREETING = "Go on here: mention me, or reply to an answer of mine."
THANKS = "Thank you, I have noted that."
FERRY_PASSAGE = "\n> \n".join([
    "¹ **Coast Courier**, 12 March 2024 · "
    "[Ferry line between Oskel and Brenhaven to open in June](<https://coast.example/ferry>)\n"
    "> The ferry line between Oskel and Brenhaven will open on 3 June 2024, harbour director Marit Solvang said on "
    "Tuesday.",
    f"> **{PAID}** A ferry carries 240 people.",
    "> “We have waited eleven years for this day,” Solvang told reporters in Oskel. A crossing takes 55 minutes.",
    "> Transport minister …",
])  # fmt: skip


DELAYS = (
    "Fog delayed the lighthouse of Vardefjell by two weeks, because the boat with the lamp could not find the landing "
    "between the rocks, turned back three times, and lay in the next harbour until a wind from the north had swept the "
    "strait clear and the pilot, who had gone home to his hay in the meantime, could be fetched again from his farm.",
    "A missing part delayed the lighthouse of Vardefjell by three weeks, since the foundry had cast the ring on which "
    "the lens turns from an old drawing, on which it was a hand too narrow, and no other foundry in the country had a "
    "mould for it, so that a smith had to widen it cold, with a hammer, a little every day, lest it should crack.",
    "A strike of the crane drivers delayed the lighthouse of Vardefjell by four weeks, in which the crates stood on "
    "the quay under tarpaulins, the keeper slept among them to guard the mirrors, and the town council met in the "
    "evenings to hear from the drivers that they wanted the wage of the capital, which they got in the end.",
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(gazette: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Newsroom]:
    async with newsroom(copied(gazette, tmp_path_factory.mktemp("buttons"))) as room:
        yield room


def forget_answers(room: Newsroom) -> None:
    """Let so much time pass that no answer given until now is kept any more."""
    Receipts(room.data / "receipts.sqlite3", lambda: datetime.now(UTC) + KEPT_FOR + timedelta(days=1)).close()


# passages


async def test_passages_show_each_quote_in_its_context_to_whoever_clicks(room: Newsroom) -> None:
    answer = await room.answer(COST)
    shown = await settled(await room.bob.click(answer, "Passages"))
    assert shown.text == FERRY_PASSAGE


async def test_passages_in_a_direct_conversation_are_shown_there(room: Newsroom) -> None:
    answer = await room.answer(COST, at=room.alice.direct)
    shown = await settled(await room.alice.click(answer, "Passages"))
    assert (shown.text, shown.channel) == (FERRY_PASSAGE, room.alice.direct)


async def test_an_article_that_changed_or_went_since_is_said_to_have_changed(room: Newsroom) -> None:
    bridge = "The bridge of Skarvik was closed on Monday because a beam had cracked."
    await room.ingested(file=Upload("bridge.md", article("Bridge closed", bridge)))
    answer = await room.answer("Why was the bridge of Skarvik closed?")
    assert bridge in answer.text

    await room.ingested(file=Upload("bridge.md", article("Bridge closed", bridge.replace("beam", "rivet"))))
    changed = await settled(await room.alice.click(answer, "Passages"))
    assert changed.text == (
        f"¹ **bridge.md**, date unknown · Bridge closed\n> **{bridge}**\n"
        "-# The article has changed since, and no longer has this passage."
    )
    await settled(await room.boss.slash(room.channel, "remove", article="bridge.md"), until="any more")
    removed = await settled(await room.alice.click(answer, "Passages"))
    assert removed.text == changed.text


async def test_many_passages_come_in_several_messages_and_as_a_file(room: Newsroom) -> None:
    island = "The island has sheep, a shop, a school, and a harbour where a boat brings mail on Mondays. " * 4
    village = "Its only village has a road, a church, a bakery, and a hall in which people dance on Saturdays. " * 4
    url = f"https://skerries.example/{'lighthouse-of-vardefjell-' * 9}"
    for number, late in enumerate(DELAYS, start=1):
        text = article(
            "Lighthouse late " * 7, f"{island}\n\n{late}\n\n{village}", publisher=f"Skerry {number}", url=url
        )
        await room.ingested(file=Upload(f"lighthouse-{number}.md", text))
    answer = await room.answer("What are all the things that delayed the lighthouse of Vardefjell?")
    asked = await room.alice.click(answer, "Passages")
    first, second = await settled(asked), await asked.followup()
    assert second.ephemeral
    [file] = first.attachments
    assert file.filename == "passages.md"
    assert file.content.decode().split() == f"{first.text}\n{second.text}".split()
    quotes = re.findall(r"\*\*(.+ delayed the lighthouse .+)\*\*", f"{first.text}\n{second.text}")
    assert len(quotes) == 3
    assert all(quote in answer.text for quote in quotes)
    assert not second.attachments
    assert asked.followups == [second]


async def test_an_answer_that_is_not_kept_any_more_says_that_it_is_too_old(room: Newsroom) -> None:
    answer = await room.answer()
    complaint = await room.alice.click(answer, "Citation")
    forget_answers(room)
    pressed = [await room.alice.click(answer, button) for button in ("Passages", "Follow up", "👍", "👎", "Citation")]
    pressed.append(await room.alice.submit(complaint, {"Which citation?": "1"}))
    for each in pressed:
        assert TOO_OLD in (await settled(each)).text
    assert answer.thread is None


async def test_a_button_of_another_servers_answer_opens_nothing(room: Newsroom) -> None:
    answer = await room.answer()
    elsewhere = room.discord.guild("Elsewhere")
    mallory, channel = elsewhere.member("mallory"), elsewhere.channel("general")
    copy = acts.post(room.discord.world, channel, room.discord.world.bot, answer.now)
    for button in ("Passages", "👍", "Citation"):
        assert TOO_OLD in (await settled(await mallory.click(copy, button))).text


async def test_everything_under_an_answer_works_after_a_restart(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    answer, other = await room.answer(COST), await room.answer(COST)
    wrong = await settled(await room.alice.click(answer, "👎"))
    complaint = await room.bob.click(answer, "Citation")
    await room.restart()

    shown = await settled(await room.alice.click(answer, "Passages"))
    assert shown.text == FERRY_PASSAGE
    why = await room.alice.click(wrong, "Say what is wrong")
    await settled(await room.alice.submit(why, {"Why?": "the restart"}))
    await settled(await room.bob.submit(complaint, {"Which citation?": "1", "Why?": "the modal"}))
    await settled(await room.bob.click(other, "👍"))
    await settled(await room.bob.click(other, "Follow up"))
    assert other.thread is not None
    said = [case["feedback"] for case in await feedback(room, capsys)][:3]
    assert [(each["verdict"], each["comment"]) for each in said] == [
        ("good", None), ("unsupported", "the modal"), ("wrong", "the restart")
    ]  # fmt: skip


# a thread


async def test_follow_up_opens_a_thread_once(room: Newsroom) -> None:
    answer = await room.answer(COST)
    first = await settled(await room.alice.click(answer, "Follow up"))
    second = await settled(await room.bob.click(answer, "Follow up"))
    thread = answer.thread
    assert thread is not None
    assert (thread.name, thread.parent) == (COST, room.channel)
    assert first.text == second.text == f"Go on in <#{thread.id}>."
    assert [message.text for message in thread.history if message.text] == [GREETING]
    assert not any(message.now.pings for message in thread.history)


async def test_a_long_question_is_cut_to_name_its_thread(room: Newsroom) -> None:
    answer = await room.answer(f"{COST} I ask {'again and ' * 20}again.")
    await settled(await room.alice.click(answer, "Follow up"))
    assert answer.thread is not None
    assert answer.thread.name.startswith(f"{COST} I ask again and")
    assert answer.thread.name.endswith("again …")


async def test_without_permission_to_open_threads_follow_up_says_so(room: Newsroom) -> None:
    quiet = room.place.channel("quiet")
    room.discord.forbid(quiet, Permission.CREATE_PUBLIC_THREADS)
    answer = await room.answer(at=quiet)
    told = await settled(await room.alice.click(answer, "Follow up"))
    assert told.text == "I may not open a thread here. Reply to the answer instead, or mention me."
    assert answer.thread is None


async def test_follow_up_is_offered_only_where_a_thread_can_be_opened(room: Newsroom) -> None:
    public = await room.answer()
    thread = await room.alice.opens_thread(public, "About the ferry")
    offered = {
        "channel": public,
        "thread": await room.answer(at=thread),
        "private": await room.answer(private=True),
        "direct": await room.answer(at=room.alice.direct),
    }
    assert [place for place, answer in offered.items() if "Follow up" in answer.buttons] == ["channel"]
    assert all({"Passages", "👍", "👎", "Citation"} <= answer.buttons.keys() for answer in offered.values())
    assert [place for place, answer in offered.items() if answer.ephemeral] == ["private"]


async def test_an_abstention_offers_neither_passages_nor_citations(room: Newsroom) -> None:
    answer = await room.answer(VOLCANOES)
    assert list(answer.buttons) == ["Follow up", "👍", "👎"]


# what people think of it


async def test_a_verdict_is_kept_with_what_was_asked_and_answered(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await room.answer(COST, since="2024")
    thanks = await settled(await room.alice.click(answer, "👍"))
    assert (thanks.text, thanks.buttons) == (THANKS, {})
    case = (await feedback(room, capsys))[0]
    assert (case["question"], case["since"], case["feedback"]["verdict"]) == (COST, "2024", "good")
    given = case["answer"]
    assert given["claims"] == [{"text": PAID, "citations": [1], "origins": 1, "attribution": None}]
    [citation] = given["citations"]
    assert (citation["document"], citation["quote"]) == ("ferry.md", PAID)
    assert [(each["document"], each["end"] > each["start"], "text" in each) for each in given["passages"]][:1] == [
        ("ferry.md", True, False)
    ]
    assert {"dateline", "store"} <= case["versions"].keys()
    assert str(room.alice.user.id) not in str(case)


async def test_what_is_wrong_can_be_said_in_a_modal(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    answer = await room.answer(COST)
    thanks = await settled(await room.alice.click(answer, "👎"))
    assert (thanks.text, list(thanks.buttons)) == (THANKS, ["Say what is wrong"])
    assert said(await feedback(room, capsys)) == ("wrong", None, None)
    opened = await room.alice.click(thanks, "Say what is wrong")
    comment = "It was **50** million, see @everyone ✂ <https://coast.example>"
    assert (await settled(await room.alice.submit(opened, {"Why?": comment}))).text == THANKS
    assert said(await feedback(room, capsys)) == ("wrong", comment, None)


async def test_a_citation_is_complained_about_with_choice_and_reason(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = await room.answer("What did Solvang say?")
    opened = await room.alice.click(answer, "Citation")
    assert opened.modal is not None
    options = opened.modal["components"][0]["component"]["options"]
    assert [option["label"] for option in options[:2]] == [
        "¹ Coast Courier, 12 March 2024",
        "² Coast Courier, 12 March 2024",
    ]
    sent = await room.alice.submit(opened, {"Which citation?": "2", "Why?": "She said it in Brenhaven."})
    assert (await settled(sent)).text == THANKS
    verdict, comment, citation = said(await feedback(room, capsys))
    assert (verdict, comment) == ("unsupported", "She said it in Brenhaven.")
    assert citation is not None
    assert (citation["number"], citation["document"]) == (2, "ferry.md")
    assert "eleven years" in citation["quote"]


async def test_a_second_verdict_of_the_same_person_replaces_the_first(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    before = len(await feedback(room, capsys))
    answer = await room.answer()
    for person, button in ((room.alice, "👍"), (room.bob, "👍"), (room.alice, "👎")):
        await settled(await person.click(answer, button))
    cases = await feedback(room, capsys)
    assert [case["feedback"]["verdict"] for case in cases[: len(cases) - before]] == ["wrong", "good"]


async def feedback(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """Read what the command line lists, the newest first."""
    cases: list[Any] = (await dateline(room, capsys, "feedback"))["feedback"]
    return cases


def said(cases: list[Any]) -> tuple[str, str | None, Any]:
    """Take out of the newest case what the person said: verdict, comment, citation."""
    newest = cases[0]["feedback"]
    return newest["verdict"], newest["comment"], newest["citation"]

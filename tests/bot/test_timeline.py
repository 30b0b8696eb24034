"""Timelines by way of Discord: what happened when, page by page, with sources, passages, a picture and a file."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from bot.timeline import NOTHING
from rag.ingest.pipeline import ingest
from rag.schema import Timeline
from rag.timeline.kept import KEPT_FOR, Kept, KeptTimelines
from tests.bot.newsroom import Newsroom, newsroom, settled
from tests.bot.reading import accent, resolves
from tests.discord_server import DISCORD_API, DiscordServer, Message, Upload, acts, bot_process
from tests.discord_server.reading import FILE, MEDIA_GALLERY, walk
from tests.gazette import open_gazette

pytestmark = pytest.mark.asyncio(loop_scope="module")

BULLETIN, SENTINEL = "Brandal Bulletin", "Skarvik Sentinel"
HARBOUR = (
    "The town council of Brandal approved the new harbour on 4 March 2021.",
    "Divers found the wreck of a schooner in the bay on 19 May 2021.",
    "A storm tore two cranes off the quay on 11 November 2021.",
    "The shipyard of Brandal launched the ferry Havbris on 17 April 2022.",
    "The fishermen of Brandal went on strike on 6 June 2022.",
    "Mayor Signe Moe opened the fish market on 23 September 2022.",
    "Customs officers seized smuggled amber in the harbour on 14 December 2022.",
    "The ferry Havbris rammed a pier on 9 May 2023.",
    "A court in Brandal fined the captain of the ferry on 27 July 2023.",
    "The council sold the old cranes to a museum on 30 October 2023.",
)
BRIDGE = (
    "The bridge of Skarvik collapsed on 5 March 2024.",
    "Soldiers built a pontoon beside the ruins on 21 March 2024.",
)
EVENTS = HARBOUR + BRIDGE
CANNOT_DRAW = (
    sys.executable, "-c", "import sys; sys.modules['PIL.ImageDraw'] = None; from bot.__main__ import main; main()"
)  # fmt: skip
TOO_OLD = "This timeline is too old for its buttons. Use /timeline again, and they will work."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Newsroom]:
    folder = tmp_path_factory.mktemp("timeline")
    articles = (
        {"publisher": BULLETIN, "title": "The harbour", "published": "2023-11-02", "body": " ".join(HARBOUR)},
        {"publisher": SENTINEL, "title": "The bridge", "published": "2024-03-25", "body": " ".join(BRIDGE)},
    )
    (folder / "chronicle.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    with open_gazette(folder / "store") as store:
        ingest([str(folder / "chronicle.jsonl")], store)
    async with newsroom(folder / "store") as room:
        yield room


async def shown(room: Newsroom, **options: Any) -> Message:
    """Have Alice ask for a timeline, and wait for it."""
    asked = await room.alice.slash(room.channel, "timeline", **options)
    return await (await asked.settled()).until(lambda message: "Passages" in message.buttons)


async def turned(room: Newsroom, message: Message, button: str) -> Message:
    """Have Bob turn a page, and wait for the other."""
    before = message.text
    await room.bob.click(message, button)
    return await message.until(lambda each: each.text != before)


async def refused(room: Newsroom, **options: Any) -> str:
    """Have Alice ask for what there is no timeline of, and return what she is told."""
    return (await (await room.alice.slash(room.channel, "timeline", **options)).settled()).text


def told(message: Message) -> list[str]:
    """List the events on a page, without dates and markers."""
    return re.findall(r"(?m)^\*\*\d.+?\*\* · (.+?\.)", message.text)


def pictured(message: Message) -> list[str]:
    """Name the pictures that a message shows, and check that they are pictures."""
    galleries = [each for each in walk(message.now.components) if each["type"] == MEDIA_GALLERY]
    shown = {item["media"]["url"] for gallery in galleries for item in gallery["items"]}
    for file in message.attachments:
        if file.url in shown:
            assert Image.open(io.BytesIO(file.content)).width == 1080
    return [file.filename for file in message.attachments if file.url in shown]


def files(message: Message) -> list[str]:
    """Name the files that a message offers."""
    return [each["file"]["url"].rpartition("/")[2] for each in message.now.components if each["type"] == FILE]


async def test_a_timeline_tells_what_happened_when_with_sources_and_a_picture(room: Newsroom) -> None:
    message = await shown(room, until="2022")
    heading, summary, *_ = message.text.split("\n")
    assert (heading, summary) == ("### All articles", "-# until 2022 · 7 events · page 1 of 2")
    assert "\n### 2021\n**4 March 2021** · The town council of Brandal approved the new harbour" in message.text
    assert told(message) == list(HARBOUR[:6])
    assert resolves(message)
    assert message.text.endswith(
        "\n-# ¹ ² ³ ⁴ ⁵ ⁶ **Brandal Bulletin**, 2 November 2023 · The harbour\n"
        "-# In the articles' own sentences, chosen without a language model."
    )
    assert pictured(message) == ["timeline-1.png"]
    (gallery,) = [each for each in walk(message.now.components) if each["type"] == MEDIA_GALLERY]
    assert gallery["items"][0]["description"].startswith("4 March 2021: The town council of Brandal approved")
    assert (message.ephemeral, files(message)) == (False, [])


async def test_pages_turn_in_place_each_with_its_own_picture(room: Newsroom) -> None:
    message = await shown(room)
    assert message.buttons["Back"]["disabled"]
    await turned(room, message, "Next")
    assert told(message) == list(EVENTS[6:])
    assert resolves(message)
    assert "page 2 of 2" in message.text
    assert [file.filename for file in message.attachments] == pictured(message) == ["timeline-2.png"]
    assert message.buttons["Next"]["disabled"]
    await turned(room, message, "Back")
    assert told(message) == list(EVENTS[:6])
    assert [file.filename for file in message.attachments] == pictured(message) == ["timeline-1.png"]


async def test_passages_are_those_of_the_page_for_whoever_clicks(room: Newsroom) -> None:
    message = await turned(room, await shown(room), "Next")
    passages = await settled(await room.bob.click(message, "Passages"))
    quotes = re.findall(r"\*\*(.+?\.)\*\*", passages.text)
    assert quotes == list(EVENTS[6:])
    assert set(re.findall("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", passages.text)) == {"⁷", "⁸", "⁹", "¹⁰", "¹¹", "¹²"}


async def test_pages_turn_and_passages_open_after_a_restart(room: Newsroom) -> None:
    message = await shown(room, format="csv")
    await room.restart()
    await turned(room, message, "Next")
    assert told(message) == list(EVENTS[6:])
    assert sorted(file.filename for file in message.attachments) == ["timeline-2.png", "timeline.csv"]
    passages = await settled(await room.alice.click(message, "Passages"))
    assert f"**{BRIDGE[0]}**" in passages.text


@pytest.mark.parametrize("form", ["csv", "timelinejs"])
async def test_a_file_has_the_whole_timeline(room: Newsroom, form: str) -> None:
    message = await shown(room, format=form)
    (file,) = [file for file in message.attachments if file.filename in files(message)]
    content = file.content.decode()
    texts: Iterable[str]
    if form == "csv":
        texts = (row["text"] for row in csv.DictReader(io.StringIO(content, newline="")))
    else:
        texts = (slide["text"]["text"] for slide in json.loads(content)["events"])
    assert [event in text for event, text in zip(EVENTS, texts, strict=True)] == [True] * len(EVENTS)
    assert file.filename == {"csv": "timeline.csv", "timelinejs": "timeline.json"}[form]
    await turned(room, message, "Next")
    assert files(message) == [file.filename]
    assert [each.content for each in message.attachments if each.filename == file.filename] == [file.content]


async def test_a_timeline_is_of_the_outlet_the_time_and_the_length_that_were_asked_for(room: Newsroom) -> None:
    of_outlet = await shown(room, outlet=SENTINEL)
    assert told(of_outlet) == list(BRIDGE)
    assert "-# Skarvik Sentinel · 2 events" in of_outlet.text
    assert told(await shown(room, as_of="2023-12", since="2023-10")) == [HARBOUR[-1]]
    few = await shown(room, limit=3)
    assert len(told(few)) == 3
    assert "-# 3 events, 9 of 12 left out\n" in few.text
    offered = await room.alice.autocomplete(room.channel, "timeline", "outlet", "sent")
    assert [choice.value for choice in offered] == [SENTINEL]


async def test_nothing_found_says_so(room: Newsroom) -> None:
    asked = await room.alice.slash(room.channel, "timeline", since="1990", until="1991")
    message = await (await asked.settled()).until(lambda each: NOTHING in each.text)
    assert message.text == f"{NOTHING}\nNo events found (1990 to 1991). Try a longer period."
    assert (message.buttons, message.attachments) == ({}, ())


async def test_dates_that_make_no_sense_are_refused_in_a_line(room: Newsroom) -> None:
    assert "“tomorrow” is not a date." in await refused(room, since="tomorrow")
    assert await refused(room, since="2024", until="2023") == (
        "Nothing is both since 2024 and until 2023. Exchange the two dates."
    )


async def test_a_private_timeline_is_seen_and_turned_by_its_reader_only(room: Newsroom) -> None:
    message = await shown(room, private=True)
    assert message.ephemeral
    await room.alice.click(message, "Next")
    await message.until(lambda each: told(each) == list(EVENTS[6:]))
    assert message.ephemeral
    assert pictured(message) == ["timeline-2.png"]


async def test_a_timeline_is_made_in_direct_messages_too(room: Newsroom) -> None:
    asked = await room.alice.slash(room.alice.direct, "timeline", outlet=SENTINEL)
    message = await (await asked.settled()).until(lambda each: "Passages" in each.buttons)
    assert told(message) == list(BRIDGE)
    assert f"**{BRIDGE[0]}**" in (await settled(await room.alice.click(message, "Passages"))).text


async def test_a_reply_to_a_timeline_is_a_question(room: Newsroom) -> None:
    message = await shown(room, outlet=SENTINEL)
    asked = await room.alice.says(room.channel, "What did soldiers build beside the ruins?", reply_to=message)
    answer = await (await asked.reply()).until(lambda each: each.buttons)
    assert BRIDGE[1] in answer.text


async def test_a_timeline_can_be_checked_event_by_event(room: Newsroom) -> None:
    message = await shown(room, outlet=SENTINEL)
    checked = await settled(await room.bob.apps(message, "Check against the articles"))
    assert re.findall(r"(?m)^(.+?) · (?:.+ · )(.+\.)$", checked.text) == [("✅ **Supported**", each) for each in BRIDGE]
    assert "Not in the articles" not in checked.text


async def test_a_button_of_another_servers_timeline_opens_nothing(room: Newsroom) -> None:
    message = await shown(room)
    elsewhere = room.discord.guild("Elsewhere")
    mallory, channel = elsewhere.member("mallory"), elsewhere.channel("general")
    copy = acts.post(room.discord.world, channel, room.discord.world.bot, message.now)
    for button in ("Next", "Passages"):
        assert (await settled(await mallory.click(copy, button))).text == TOO_OLD
    assert len(copy.versions) == 1


async def test_a_timeline_that_is_not_kept_any_more_says_that_it_is_too_old(room: Newsroom) -> None:
    message = await shown(room)
    later = datetime.now(UTC) + KEPT_FOR + timedelta(days=1)
    with closing(KeptTimelines(room.data / "shown-timelines.sqlite3", lambda: later)) as kept:
        kept.keep("another", Kept(Timeline("", ())))
    for button in ("Next", "Passages"):
        assert (await settled(await room.bob.click(message, button))).text == TOO_OLD
    assert told(message) == list(EVENTS[:6])


async def test_a_timeline_is_limited_as_questions_are(room: Newsroom) -> None:
    place = room.discord.guild("Quiet")
    channel, other = place.channel("general"), place.channel("other")
    boss, carol = place.member("boss", manages=True), place.member("carol")
    await (await boss.slash(channel, "settings", answer_in=channel, questions_per_hour=1)).settled()
    asked = await carol.slash(other, "timeline")
    assert "I may not answer in this channel." in (await settled(asked)).text
    asked = await carol.slash(channel, "timeline", outlet=SENTINEL)
    assert told(await (await asked.settled()).until(lambda each: each.buttons)) == list(BRIDGE)
    asked = await carol.slash(channel, "timeline")
    assert "Here each person may ask 1 question an hour." in (await settled(asked)).text


async def test_while_articles_are_read_the_first_time_it_says_how_far_that_has_come(room: Newsroom) -> None:
    with closing(sqlite3.connect(room.data / "timelines.sqlite3", isolation_level=None)) as cache:
        cache.execute("BEGIN IMMEDIATE")  # so that what has been read cannot be put away yet
        asked = await room.alice.slash(room.channel, "timeline", outlet=BULLETIN)
        message = await (await asked.settled()).until(lambda each: each.text == "Reading articles … 1 of 1")
        cache.execute("ROLLBACK")
    await message.until(lambda each: "Passages" in each.buttons)
    assert told(message) == list(HARBOUR[:6])


async def test_without_articles_it_says_so_and_without_pictures_the_text_is_there(tmp_path: Path) -> None:
    async with DiscordServer(DISCORD_API) as discord:
        place = discord.guild("Newsroom")
        channel, boss = place.channel("general"), place.member("boss", manages=True)
        async with bot_process(discord, data=tmp_path / "store", command=CANNOT_DRAW) as bot:
            empty = await (await boss.slash(channel, "timeline")).settled(within=60)
            await empty.until(lambda each: "No articles yet." in each.text, within=60)
            assert accent(empty) == 0xDA373C
            article = Upload("bridge.md", " ".join(BRIDGE).encode())
            report = await (await boss.slash(channel, "ingest", file=article)).settled()
            await report.until(lambda each: "There are now" in each.text, within=60)
            message = await (await boss.slash(channel, "timeline")).settled()
            await message.until(lambda each: "Passages" in each.buttons)
            assert told(message) == list(BRIDGE)
            assert (message.attachments, pictured(message)) == ((), [])
            ended = await bot.stop()
        assert "could not draw a timeline: ModuleNotFoundError" in ended.stderr
        assert discord.violations == []

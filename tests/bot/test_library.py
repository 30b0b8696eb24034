"""The articles by way of Discord: listed, shown, added and removed, and by whom."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.bot.newsroom import COST, PAID, Newsroom, article, copied, dateline, jsonl, newsroom, settled
from tests.discord_server import DISCORD_API, Choice, DiscordServer, PublicWeb, Upload, bot_process
from tests.gazette import open_gazette

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOSTILE = "@everyone [free](https://evil.example) **news** `of` ||all|| <@&1> # today"
MANAGERS_ONLY = "Only members who may manage this server can do that."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def web() -> AsyncIterator[PublicWeb]:
    async with PublicWeb() as web:
        yield web


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def room(gazette: Path, web: PublicWeb, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Newsroom]:
    async with newsroom(copied(gazette, tmp_path_factory.mktemp("library")), **web.environment) as room:
        yield room


@pytest.fixture
def folder(gazette: Path) -> str:
    """The folder that the team ingests."""
    return str(gazette.parent / "articles")


async def documents(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> set[str]:
    """Ask the command line which articles there are."""
    return {source["document"] for source in (await dateline(room, capsys, "sources"))["articles"]}


async def refused(room: Newsroom, **given: Any) -> str:
    """Have the boss add what cannot be added, and return what is said to that."""
    return (await settled(await room.boss.slash(room.channel, "ingest", **given))).text


# listed and shown


async def test_sources_lists_every_article_page_by_page(room: Newsroom, capsys: pytest.CaptureFixture[str]) -> None:
    stories = [{"title": f"Story {number}", "body": f"Shop number {number} opened."} for number in range(1, 21)]
    await room.ingested(file=jsonl(*stories, name="stories.jsonl"))
    page = await settled(await room.alice.slash(room.channel, "sources"))
    assert page.buttons["Back"]["disabled"]
    read, listed = [page.text], [names_on(page.text)]
    while not page.buttons["Next"]["disabled"]:
        turned = await room.alice.click(page, "Next")
        assert await turned.settled() is page
        read.append(page.text)
        listed.append(names_on(page.text))
        assert f"page {len(listed)} of" in page.text
    there = await documents(room, capsys)
    assert page.text.startswith(f"**{len(there)} articles** · page {len(listed)} of {len(listed)}\n")
    assert sorted(name for names in listed for name in names) == sorted(there)
    assert len(listed) > 2
    assert (
        "**Coast Courier**, 12 March 2024 · "
        "[Ferry line between Oskel and Brenhaven to open in June](<https://coast.example/ferry>)\n"
        "-# `ferry.md` · 1 passage\n"
    ) in "\n".join([*read, ""])
    assert {len(names) for names in listed[:-1]} == {len(listed[0])}
    await (await room.alice.click(page, "Back")).settled()
    assert names_on(page.text) == listed[-2]


def names_on(page: str) -> list[str]:
    return re.findall(r"^-# `(.+)` · \d+ passages?$", page, re.MULTILINE)


@pytest.mark.parametrize("name", ["ferry.md", "FERRY line between Oskel and Brenhaven to open in June "])
async def test_an_article_is_shown_by_its_name_or_title(room: Newsroom, name: str) -> None:
    card = await settled(await room.alice.slash(room.channel, "article", name=name))
    assert card.text == (
        "### [Ferry line between Oskel and Brenhaven to open in June](<https://coast.example/ferry>)\n"
        "**Outlet** Coast Courier\n**By** Tilda Roos\n**Published** 12 March 2024\n**Passages** 1\n"
        "**File** `ferry.md`\n"
        "> The ferry line between Oskel and Brenhaven will open on 3 June 2024, harbour director Marit Solvang said on "
        f"Tuesday. {PAID} “We have waited eleven years for this day,” Solvang told reporters in Oskel."
    )


async def test_names_of_articles_are_completed_by_name_title_and_outlet(room: Newsroom) -> None:
    for typed in ("ferr", "between OSKEL", "coast cour"):
        choices = await room.alice.autocomplete(room.channel, "article", "name", typed)
        assert choices == [Choice("ferry.md", "ferry.md")]
    assert await room.boss.autocomplete(room.channel, "remove", "article", "ferr") == [Choice("ferry.md", "ferry.md")]
    assert await room.alice.autocomplete(room.channel, "article", "name", "no such thing") == []


async def test_an_article_that_there_is_not_is_said_not_to_be_there(room: Newsroom) -> None:
    told = await settled(await room.alice.slash(room.channel, "article", name="*nothing*.md"))
    assert told.text == r"There is no article “\*nothing\*.md”. Choose one from the list that opens as you type."


async def test_help_names_every_command(room: Newsroom) -> None:
    for channel in (room.channel, room.alice.direct):
        text = (await settled(await room.alice.slash(channel, "help"))).text
        offered = room.discord.world.commands[None]
        slashed = {command["name"]: command for command in offered if command["type"] == 1}
        assert {"ask", "timeline", "sources", "article", "ingest", "remove", "help", "settings"} <= slashed.keys()
        for name, command in slashed.items():
            assert f"- </{name}:{command['id']}> – {command['description']}\n" in text
        assert all(f"Apps → {command['name']}" in text for command in offered if command["type"] == 3)


# added


async def test_an_article_that_was_attached_can_be_asked_about_at_once(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await documents(room, capsys)
    body = "The windmill of Hargrave was sold for 12 crowns, mayor Ida Brandt said on Sunday."
    report = await room.ingested(file=Upload("windmill (final) Ö.md", article("Windmill sold", body, publisher="Bell")))
    assert await documents(room, capsys) - before == {"windmill-final-Ö.md"}
    assert re.fullmatch(
        rf"\*\*1\*\* added\n-# There are now {len(before) + 1} articles with \d+ passages\.", report.text
    )
    assert body in (await room.answer("For how much was the windmill of Hargrave sold?")).text


async def test_pasted_text_and_a_second_version_of_it_are_taken_in(room: Newsroom) -> None:
    text = "Snow closes the pass\n\nBy Kirsten Vold\n\n5 March 2025\n\nThe Orrin pass was closed for {} days by snow."
    first = await room.ingested(file=Upload("pass.txt", text.format(3).encode()))
    second = await room.ingested(file=Upload("pass.txt", text.format(4).encode()))
    third = await room.ingested(file=Upload("pass.txt", text.format(4).encode()))
    counted = [report.text.partition("\n")[0] for report in (first, second, third)]
    assert counted == ["**1** added", "**1** updated", "**1** unchanged"]
    answer = await room.answer("For how many days was the Orrin pass closed?")
    assert "closed for 4 days" in answer.text
    assert "closed for 3 days" not in answer.text


async def test_a_second_version_that_cannot_be_read_leaves_the_first(
    room: Newsroom, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    await room.ingested(file=Upload("dam.md", b"The dam of Velden was raised by two metres in the spring of 2019."))
    report = await room.ingested(file=Upload("dam.md", bytes(range(256))))
    assert report.text.startswith("Nothing was added.\n**Refused**\n- dam.md: ")
    failed = (await dateline(room, capsys, "ingest", folder))["failed"]
    assert [failure for failure in failed if "dam" in failure["path"]] == []
    assert "two metres" in (await room.answer("By how much was the dam of Velden raised?")).text


async def test_of_a_file_with_a_broken_line_the_others_are_added_and_it_is_named(room: Newsroom) -> None:
    lines = [{"body": "The well of Askby has dried up."}, "{no JSON", {"body": "The oak of Askby is 700 years old."}]
    report = await room.ingested(file=jsonl(*lines, name="askby.jsonl"))
    added, heading, refusal, _ = report.text.split("\n")
    assert (added, heading) == ("**2** added", "**Refused**")
    assert refusal.startswith("- askby.jsonl#2")
    assert "700 years" in (await room.answer("How old is the oak of Askby?")).text


async def test_an_article_is_added_by_its_link(room: Newsroom, web: PublicWeb) -> None:
    page = (
        "<html><head><title>Clock tower stopped</title><meta property='og:site_name' content='Rill Gazette'>"
        "<meta property='article:published_time' content='2025-02-03T09:00:00Z'></head><body><article>"
        "<h1>Clock tower stopped</h1><p>The clock tower of Rill stopped at noon because a swan had nested in it, "
        "watchmaker Per Aune said on Monday.</p><p>He expects the young to leave in six weeks.</p></article></body>"
    )
    link = web.publish("rill.example/clock", page)
    assert (await room.ingested(link=link)).text.startswith("**1** added\n")
    answer = await room.answer("Why did the clock tower of Rill stop?")
    assert "because a swan had nested in it" in answer.text
    assert f"**Rill Gazette**, 3 February 2025 · [Clock tower stopped](<{link}>)" in answer.text
    assert (await room.ingested(link=link)).text.startswith("**1** unchanged\n")


async def test_addresses_that_are_not_public_are_not_fetched(room: Newsroom, web: PublicWeb) -> None:
    port, visits = web.environment["LOOPBACK_WEB"], list(web.visits)
    for address in (f"http://127.0.0.1:{port}/a", f"http://localhost:{port}/b", "http://169.254.169.254/c"):
        report = await room.ingested(link=address)
        assert report.text.startswith("Nothing was added.\n**Refused**\n")
        assert "not a public address" in report.text
    assert web.visits == visits


async def test_what_cannot_be_an_article_is_refused_in_words(
    room: Newsroom, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    before = await documents(room, capsys)
    assert await refused(room) == "Attach a file, or give a link to an article."
    assert "begins with http:// or https://" in (await refused(room, link="ftp://rill.example/clock")).replace("\\", "")
    assert "larger than 25 MB" in await refused(room, file=Upload("big.md", bytes(25 * 2**20 + 1)))
    assert "There is an article ferry.md in the team's folder" in await refused(room, file=Upload("ferry.md", b"Sunk."))
    assert PAID in (await room.answer(COST)).text
    for name in ("story.docx", "broken.pdf", "empty.txt"):
        report = await room.ingested(file=Upload(name, b""))
        assert report.text.startswith(f"Nothing was added.\n**Refused**\n- {name}")
    assert await documents(room, capsys) == before
    failed = (await dateline(room, capsys, "ingest", folder))["failed"]
    assert [failure["path"] for failure in failed if "askby.jsonl" not in failure["path"]] == []


async def test_what_was_uploaded_survives_an_ingestion_of_the_teams_folder(
    room: Newsroom, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    await room.ingested(file=Upload("kiln.md", b"The kiln of Dunmore was lit again by potter Eva Strand."))
    assert (await dateline(room, capsys, "ingest", folder))["removed"] == 0
    assert "kiln.md" in await documents(room, capsys)
    assert "Eva Strand" in (await room.answer("Who lit the kiln of Dunmore?")).text


async def test_what_takes_long_says_that_it_is_under_way(room: Newsroom) -> None:
    bodies = [f"House {number} of Long Lane in Wick was painted in colour {number * 7}." for number in range(30)]
    with open_gazette(room.data) as store, store.index.writing():  # which keeps others waiting
        begun = await room.boss.slash(
            room.channel, "ingest", file=jsonl(*({"body": each} for each in bodies), name="wick.jsonl")
        )
        await settled(begun, until="Reading articles …")
    report = await settled(begun, until="There are now ")
    *progress, last = [version.text for version in report.versions if version.text]
    assert all(re.fullmatch(r"Reading articles …( \d+ of \d+)?", shown) for shown in progress)
    assert last.startswith("**30** added\n")
    assert begun.followups == []


async def test_two_ingestions_at_once_both_go_in(room: Newsroom) -> None:
    deputy = room.place.member("deputy", manages=True)
    mill = Upload("mill.md", b"The mill of Torsa grinds rye on Tuesdays for baker Nils Aas.")
    forge = Upload("forge.md", b"The forge of Torsa makes hooks for the captain Liv Berg.")
    calls = [
        room.boss.calls(room.channel, "ingest", file=mill),
        deputy.calls(room.channel, "ingest", file=forge),
    ]
    reports = await asyncio.gather(*(settled(each, until="There are now ") for each in calls))
    assert [report.text.partition("\n")[0] for report in reports] == ["**1** added", "**1** added"]
    assert "Nils Aas" in (await room.answer("For whom does the mill of Torsa grind rye?")).text
    assert "Liv Berg" in (await room.answer("For whom does the forge of Torsa make hooks?")).text


async def test_what_an_article_has_in_it_formats_and_pings_nothing(room: Newsroom) -> None:
    body = f"The lock of Brae opened late because {HOSTILE} of the keeper."
    await room.ingested(file=Upload("lock.md", article(HOSTILE, body, publisher=HOSTILE, url="javascript:alert(1)")))
    answer = await room.answer("Why did the lock of Brae open late?")
    shown = [
        answer,
        await settled(await room.alice.click(answer, "Passages")),
        await settled(await room.alice.slash(room.channel, "article", name="lock.md")),
    ]
    for message in shown:
        assert r"\[free\](https\://evil.example) \*\*news\*\* \`of\` \|\|all\|\|" in message.text
        assert not re.search(r"@everyone|(?<!\\)<@&1>|javascript", message.text)


# removed


async def test_an_upload_that_was_removed_is_gone_for_good(
    room: Newsroom, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    question = "Who painted the barn of Elmstow?"
    await room.ingested(file=Upload("barn.md", b"The barn of Elmstow was painted blue by farmer Rolf Eide."))
    assert "Rolf Eide" in (await room.answer(question)).text
    told = await settled(await room.boss.slash(room.channel, "remove", article="barn.md"))
    assert told.text == "I do not answer from `barn.md` any more."
    assert "Rolf Eide" not in (await room.answer(question)).text
    await dateline(room, capsys, "ingest", folder)
    assert "barn.md" not in await documents(room, capsys)


async def test_an_article_of_the_teams_folder_comes_back_with_the_next_ingestion_which_is_said(
    room: Newsroom, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    told = await settled(await room.boss.slash(room.channel, "remove", article="Herring talks end without a deal"))
    assert told.text == (
        "I do not answer from `herring.txt` any more.\n"
        "-# Its file is still there; the next `dateline ingest` brings it back."
    )
    assert "herring.txt" not in await documents(room, capsys)
    await dateline(room, capsys, "ingest", folder)
    assert "herring.txt" in await documents(room, capsys)


async def test_removing_one_article_of_an_uploaded_file_leaves_the_others(
    room: Newsroom, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    await room.ingested(
        file=jsonl({"body": "The quay of Sand is long."}, {"body": "The quay of Mud is short."}, name="quays.jsonl")
    )
    told = await settled(await room.boss.slash(room.channel, "remove", article="quays.jsonl#1"))
    assert "the next `dateline ingest` brings it back" in told.text
    assert {"quays.jsonl#1", "quays.jsonl#2"} & await documents(room, capsys) == {"quays.jsonl#2"}
    await dateline(room, capsys, "ingest", folder)
    assert "quays.jsonl#2" in await documents(room, capsys)


async def test_an_article_from_the_web_is_removed_for_good(room: Newsroom, web: PublicWeb) -> None:
    link = web.publish("ash.example/tree", "The ash tree of Holm fell on a shed owned by Jon Dahl.", "text/plain")
    await room.ingested(link=link)
    told = await settled(await room.boss.slash(room.channel, "remove", article=link))
    assert told.text == f"I do not answer from `{link}` any more."
    assert "Jon Dahl" not in (await room.answer("Who owned the shed of Holm?")).text


async def test_what_there_is_not_cannot_be_removed(room: Newsroom) -> None:
    told = await settled(await room.boss.slash(room.channel, "remove", article="nothing.md"))
    assert told.text.startswith("There is no article “nothing.md”.")


# by whom


async def test_members_who_may_not_manage_the_server_can_neither_add_nor_remove(
    room: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    before = await documents(room, capsys)
    attempts: dict[str, dict[str, Any]] = {
        "ingest": {"file": Upload("hoax.md", b"The moon is made of cheese.")},
        "remove": {"article": "ferry.md"},
    }
    for command, options in attempts.items():
        assert not room.alice.is_shown(room.channel, command)
        assert not room.boss.is_shown(room.boss.direct, command)
        assert room.boss.is_shown(room.channel, command)
        tried = room.alice.calls(room.channel, command, although_hidden=True, **options)
        assert (await settled(tried)).text == MANAGERS_ONLY
    assert await documents(room, capsys) == before
    assert not (room.data / "uploads" / "hoax.md").exists()


async def test_with_a_home_server_the_articles_are_managed_there_only(tmp_path: Path) -> None:
    async with DiscordServer(DISCORD_API) as discord:
        home, abroad = discord.guild("Home"), discord.guild("Abroad")
        boss = abroad.member("boss", manages=True)
        channel = abroad.channel("general")
        async with bot_process(discord, data=tmp_path):
            registered = list(discord.world.commands[None])
            assert boss.is_shown(channel, "ingest")
        async with bot_process(discord, data=tmp_path, env={"DISCORD_GUILD_ID": str(home.id)}):
            await discord.until(lambda: not boss.is_shown(channel, "ingest"))
            discord.world.commands[None] = registered  # as a client shows them that was started before
            elsewhere = "The articles are managed on the server that DISCORD\\_GUILD\\_ID names."
            hoax = Upload("hoax.md", b"The moon is made of cheese.")
            assert (await settled(await boss.slash(channel, "ingest", file=hoax))).text == elsewhere
            assert (await settled(await boss.slash(channel, "remove", article="a.md"))).text == elsewhere
        assert not (tmp_path / "uploads").exists()
        assert discord.violations == []

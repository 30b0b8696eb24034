"""Evaluations by way of Discord: who may, how far they have come, the scores, and what they are compared with."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.client import FINISHING
from bot.cogs.evaluate import NONE_UNDER_WAY
from tests.bot.newsroom import COST, PAID, VOLCANOES, Newsroom, copied, newsroom, settled
from tests.bot.reading import is_whole
from tests.bot.writer import STOP, Writer, claim, writing_newsroom
from tests.discord_server import DISCORD_API, DiscordServer, Message, Upload, bot_process
from tests.discord_server.reading import FILE
from tests.discord_server.state import TOKEN_LASTS
from tests.openai_server import OpenAIServer, written

pytestmark = pytest.mark.asyncio(loop_scope="module")

Case = Mapping[str, Any]

ROUND = "The first round was held in Lisbon in February."
MANAGERS_ONLY = "Only members who may manage this server can do that."
CROSSING = "A crossing takes 55 minutes."


def case(identity: str, question: str, document: str = "", span: str = "", *answers: str) -> Case:
    """Write a case; without a span nothing answers it."""
    support = [{"document": document, "span": span}] if span else []
    record = {"id": identity, "type": "factoid", "question": question, "answerable": bool(span)}
    return record | {"answers": [list(answers)] if answers else [], "support": support}


FERRY = case("ferry", COST, "ferry.md", PAID, "48 million")
LISBON = case("lisbon", "Where was the first round of the herring talks held?", "herring.txt", ROUND, "Lisbon")
BAKING = case("bread", VOLCANOES)
FAST = case("fast", "How long does a crossing take?", "ferry.md", CROSSING, "54 minutes")  # it takes longer
KILN = case("kiln", "Who lit the kiln of Dunmore?")
CASES = (FERRY, LISBON, BAKING, FAST)
BEGUN = f"**Evaluating** 0 of 4\n`{'░' * 20}`\n-# The first question is being asked."


class Questions:
    """The file of questions that the bot was told of."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def are(self, *cases: Case) -> None:
        self.write("".join(json.dumps(each) + "\n" for each in cases))

    def write(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("questions") / "questions.jsonl"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(articles: Path, file: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Newsroom]:
    """A bot without a model."""
    async with newsroom(copied(articles, tmp_path_factory.mktemp("plain")), DATELINE_QUESTIONS=str(file)) as room:
        yield room


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def writing(
    articles: Path, file: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Newsroom, Writer]]:
    """A bot with a model."""
    folder = tmp_path_factory.mktemp("writing")
    async with writing_newsroom(articles, folder, DATELINE_QUESTIONS=str(file)) as writing:
        yield writing


@pytest.fixture
def questions(file: Path) -> Questions:
    questions = Questions(file)
    questions.are(*CASES)
    return questions


async def evaluated(room: Newsroom) -> Message:
    """Have the boss evaluate a bot without a model, and wait for the scores."""
    return await settled(await room.boss.slash(room.channel, "evaluate"), until="### Evaluation")


async def offered(room: Newsroom) -> Message:
    """Have the boss want to evaluate a bot with a model."""
    return await settled(await room.boss.slash(room.channel, "evaluate"), until="will be sent to")


async def started(room: Newsroom) -> Message:
    """Have the boss begin to evaluate a bot with a model."""
    message = await offered(room)
    await room.boss.click(message, "Start")
    return message


async def scored(message: Message) -> Message:
    return await message.until(lambda each: "### Evaluation" in each.text, within=30)


def scores(board: Message) -> dict[str, str]:
    """Read the scores, each with what is under it, by their labels."""
    found = re.findall(r"^\*\*(.+?)\*\* (.*)\n-# (.*)$", board.text, re.MULTILINE)
    return {label: f"{value} {rest}".replace("  ·  ", ", ") for value, label, rest in found}


def files(board: Message) -> Iterable[str]:
    """Name the files that are shown."""
    return [each["file"]["url"].rpartition("/")[2] for each in board.now.components if each["type"] == FILE]


async def test_the_scores_are_of_the_questions_in_the_file(plain: Newsroom, questions: Questions) -> None:
    (plain.data / "evaluations" / "last.json").unlink(missing_ok=True)
    board = await evaluated(plain)
    *progress, _ = [version.text for version in board.versions if version.text]
    assert progress[0] == BEGUN
    assert re.match(
        r"### Evaluation\n4 questions, without a model, \d+ articles, \d+\.\d s\n-# Under each score: ", board.text
    )
    figures = scores(board)
    assert re.fullmatch(r"\d+ ms 95 % within \d+ ms", figures.pop("an answer, median"))
    assert figures == {
        "right, or rightly refused": ".75 .25 to 1.00, n 4",
        "grounded: correct and rightly cited": ".67 .00 to 1.00, n 3",
        "unanswerable questions refused": "1.00 1.00 to 1.00, n 1",
        "answerable questions refused": ".00 .00 to .00, n 3",
        "citations that support": "1.00 1.00 to 1.00, n 3",
        "quotes that are verbatim": "1.00 1.00 to 1.00, n 3",
        "a supporting passage among the first 5": "1.00 1.00 to 1.00, n 3",
    }
    assert "**1 lost**\n-# 1 cited, but not what was asked" in board.text
    [page] = board.attachments
    assert files(board) == [page.filename] == ["evaluation.html"]
    assert "How long does a crossing take?" in page.content.decode()
    assert board.buttons == {}


async def test_a_second_run_says_what_is_different_and_what_became_worse(plain: Newsroom, questions: Questions) -> None:
    questions.are(*CASES, KILN)
    await evaluated(plain)
    again = await evaluated(plain)
    assert re.search(
        r"\*\*Against the run of <t:\d{10}:f>\*\* on 5 questions\n-# different since: nothing$", again.text
    )
    assert scores(again)["right, or rightly refused"] == ".80 .40 to 1.00, n 5, unchanged"
    await plain.ingested(file=Upload("kiln.md", b"The kiln of Dunmore was lit again by potter Eva Strand."))
    worse = await evaluated(plain)
    assert worse.text.endswith("on 5 questions\n-# different since: the articles\nworse: kiln")
    assert scores(worse)["right, or rightly refused"] == ".60 .20 to 1.00, n 5, -.20 (n < 15)"


async def test_questions_that_are_new_or_changed_are_not_compared(plain: Newsroom, questions: Questions) -> None:
    await evaluated(plain)
    questions.are(*CASES[:-1], {**FAST, "answers": [["55 minutes"]]}, KILN)
    board = await evaluated(plain)
    assert "Not compared: 2 questions" in board.text
    assert board.text.endswith("on 3 questions\n-# different since: the questions")


async def test_people_are_answered_meanwhile(plain: Newsroom, questions: Questions) -> None:
    questions.are(*({**each, "id": f"{each['id']} {number}"} for number in range(10) for each in CASES))
    begun = await settled(await plain.boss.slash(plain.channel, "evaluate"), until="**Evaluating** 0 of 40")
    answer = await plain.answer()
    board = await scored(begun)
    assert is_whole(answer)
    assert answer.versions[-1].at < board.versions[-1].at
    bars = [re.findall(r"(\d+) of 40\n`(.*)`", version.text) for version in board.versions if "`" in version.text]
    assert [bar.count("█") for [(_, bar)] in bars] == [20 * int(done) // 40 for [(done, _)] in bars]


async def test_members_who_may_not_manage_the_server_cannot_evaluate(plain: Newsroom) -> None:
    assert plain.boss.is_shown(plain.channel, "evaluate")
    assert not plain.boss.is_shown(plain.boss.direct, "evaluate")
    assert not plain.alice.is_shown(plain.channel, "evaluate")
    tried = plain.alice.calls(plain.channel, "evaluate", although_hidden=True)
    assert (await settled(tried)).text == MANAGERS_ONLY


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "There are no questions in the file"),
        (json.dumps(FERRY) + "\n{", "questions.jsonl, line 2 is not JSON"),
        (json.dumps(FERRY) * 2, "questions.jsonl, line 1 is not JSON"),
        (json.dumps({**FERRY, "colour": "red"}), "line 1: 'colour' is no field"),
        (json.dumps(case("x", "Who?", "gone.md", "It is.", "it")), "x rests on gone.md, which is not in the store"),
        (json.dumps(case("x", "Who?", "ferry.md", "It is.", "it")), "ferry.md does not say 'It is.'"),
    ],
)
async def test_questions_that_make_no_sense_are_refused_in_words(
    plain: Newsroom, questions: Questions, written: str, told: str
) -> None:
    questions.write(written)
    asked = await settled(await plain.boss.slash(plain.channel, "evaluate"))
    assert told in asked.text.replace("\\", "")
    assert asked.text.endswith("They are in the file that DATELINE\\_QUESTIONS names.")


async def test_a_file_that_is_not_there_is_named(plain: Newsroom, questions: Questions) -> None:
    questions.file.unlink()
    asked = await settled(await plain.boss.slash(plain.channel, "evaluate"))
    assert f"Cannot read {questions.file}: " in asked.text.replace("\\", "")


async def test_only_on_the_home_server_and_not_without_articles(tmp_path: Path, questions: Questions) -> None:
    async with DiscordServer(DISCORD_API) as discord:
        home, abroad = discord.guild("Home"), discord.guild("Abroad")
        at_home, boss = home.member("boss", manages=True), abroad.member("boss", manages=True)
        channel, far = home.channel("general"), abroad.channel("general")
        environment = {"DISCORD_GUILD_ID": str(home.id), "DATELINE_QUESTIONS": str(questions.file)}
        async with bot_process(discord, data=tmp_path, env=environment):
            told = await (await at_home.slash(channel, "evaluate")).settled()
            await told.until(lambda each: each.text.startswith("No articles yet."), within=60)
            discord.world.commands[None] = list(discord.world.commands[home.id])  # as clients show them that are old
            told = await settled(await boss.slash(far, "evaluate"))
            assert told.text == "I am evaluated on the server that DISCORD\\_GUILD\\_ID names."
        assert discord.violations == []


# with a model


def dictated(writer: Writer) -> None:
    """Have the model answer all but the one question that nothing answers."""
    writer.says(COST, claim("The line cost 48 million euros.", "The line cost 48 million euros"))
    writer.says(LISBON["question"], claim(ROUND))
    writer.says(FAST["question"], claim(CROSSING))
    writer.says(VOLCANOES)


async def test_a_model_is_asked_only_once_that_is_confirmed(
    room: Newsroom, writer: Writer, questions: Questions
) -> None:
    dictated(writer)
    message = await offered(room)
    assert message.text == "**4 questions** will be sent to **loopback**, which may cost money."
    assert list(message.buttons) == ["Start"]
    await room.discord.quiet()
    assert writer.prompts == []
    await room.boss.click(message, "Start")
    board = await scored(message)
    assert sorted(writer.questions) == sorted(each["question"] for each in CASES)
    assert re.match(r"### Evaluation\n4 questions, loopback, \d+ articles", board.text)
    assert scores(board)["right, or rightly refused"].startswith(".75 .25 to 1.00, n 4")
    assert scores(board)["unanswerable questions refused"].startswith("1.00 1.00 to 1.00, n 1")
    assert files(board) == ["evaluation.html"]


async def test_who_may_no_longer_manage_the_server_cannot_begin_what_was_offered(
    room: Newsroom, writer: Writer, questions: Questions
) -> None:
    deputy = room.place.member("deputy", manages=True)
    message = await settled(await deputy.slash(room.channel, "evaluate"), until="will be sent to")
    room.place.guild.members[deputy.user.id].roles.clear()
    assert (await settled(await deputy.click(message, "Start"))).text == MANAGERS_ONLY
    assert writer.prompts == []


async def test_one_evaluation_is_made_at_a_time(room: Newsroom, writer: Writer, questions: Questions) -> None:
    deputy = room.place.member("deputy", manages=True)
    early = await settled(await deputy.slash(room.channel, "evaluate"), until="will be sent to")
    with writer.held_back():
        message = await started(room)
        await room.discord.until(lambda: len(writer.prompts) == 4)
        late = await settled(await deputy.slash(room.channel, "evaluate"))
        await deputy.click(early, "Start")
        await early.until(lambda each: each.text == late.text)
        assert late.text == (
            "An evaluation is under way: 0 of 4 questions are asked. Wait for its scores, then use /evaluate again."
        )
    await scored(message)
    assert len(writer.prompts) == 4
    await scored(await started(room))


async def test_what_was_stopped_reports_on_what_there_is_and_is_not_compared_with(
    room: Newsroom, writer: Writer, questions: Questions
) -> None:
    questions.are(*(case(f"nothing {number}", f"Who is number {number} of the league?") for number in range(20)))
    for number in range(20):
        writer.says(f"Who is number {number} of the league?")
    with writer.held_back() as let:
        message = await started(room)
        await room.discord.until(lambda: writer.prompts)
        let(3)
        await message.until(lambda each: "3 of 20" in each.text)
        assert message.text == f"**Evaluating** 3 of 20\n`{'█' * 3}{'░' * 17}`\n**3** right so far"
        await room.boss.click(message, "Stop")
        board = await scored(message)
    assert "3 of 20 questions, loopback" in board.text
    assert "\nStopped. These are the scores of 3 questions.\n" in board.text
    assert scores(board)["right, or rightly refused"].startswith("1.00 1.00 to 1.00, n 3")
    assert board.buttons == {}
    board = await scored(await started(room))
    assert "on 20 questions" not in board.text
    assert "on 3 questions" not in board.text


async def test_a_model_that_fails_ends_the_run_which_nothing_is_compared_with(
    room: Newsroom, writer: Writer, questions: Questions
) -> None:
    dead = [{**FERRY, "id": f"ferry {number}"} for number in range(20)]
    questions.are(*dead)
    writer.says(COST, STOP)
    board = await scored(await started(room))
    assert re.search(r"\nThe model failed 3 times in a row\. .*These are the scores of \d+ questions\.\n", board.text)
    assert re.search(r"\nThe model failed. \d+ questions answered without it\.\n", board.text)
    dictated(writer)
    assert "Against the run" not in (await scored(await started(room))).text


async def test_scores_that_come_after_a_quarter_of_an_hour_come_in_a_direct_message(
    room: Newsroom, writer: Writer, questions: Questions
) -> None:
    dictated(writer)
    before = len(room.boss.direct.history)
    with writer.held_back():
        await started(room)
        await room.discord.until(lambda: len(writer.prompts) == 4)
        room.discord.advance(TOKEN_LASTS + 1)
    await room.discord.until(lambda: len(room.boss.direct.history) > before)
    board = await scored(room.boss.direct.history[-1])
    assert "4 questions, loopback" in board.text
    assert files(board) == ["evaluation.html"]
    assert len(room.boss.direct.history) == before + 1


async def test_a_bot_that_stops_says_so_and_an_old_button_does_nothing(
    articles: Path, tmp_path: Path, questions: Questions
) -> None:
    data, writer = copied(articles, tmp_path), Writer()
    dictated(writer)
    async with DiscordServer() as discord, OpenAIServer(written(writer.write)) as server:
        place = discord.guild("Newsroom")
        channel, boss = place.channel("general"), place.member("boss", manages=True)
        model = {
            "OPENAI_MODEL": "loopback", "OPENAI_BASE_URL": server.url, "DATELINE_QUESTIONS": str(questions.file)
        }  # fmt: skip
        with writer.held_back():
            async with bot_process(discord, data=data, env=model) as bot:
                message = await (await boss.slash(channel, "evaluate")).settled()
                await boss.click(await message.until(lambda each: each.buttons), "Start")
                await discord.until(lambda: len(writer.prompts) == 4)
                await bot.kill()
            async with bot_process(discord, data=data, env=model) as bot:
                assert (await settled(await boss.click(message, "Stop"))).text == NONE_UNDER_WAY
                message = await (await boss.slash(channel, "evaluate")).settled()
                await boss.click(await message.until(lambda each: each.buttons), "Start")
                await discord.until(lambda: len(writer.prompts) == 8)
                ended = await bot.stop()
    assert message.text == "I was restarted during the evaluation. Use /evaluate again for the scores."
    assert message.buttons == {}
    assert (ended.code, "Traceback" in ended.stderr) == (0, False)
    assert ended.seconds < FINISHING + 3

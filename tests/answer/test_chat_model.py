"""The OpenAI synthesizer against a server with faults: it never hangs, leaks a key or passes an unchecked claim."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import openai  # noqa: F401  # its import takes a second, which is not to count against the deadlines
import pytest
from pydantic import SecretStr

from rag.answer.chat_model import ChatModel, Message, retry_after
from rag.answer.keys import keyed_by, new_key
from rag.answer.openai_synthesizer import CUT_SHORT, OpenAISynthesizer, located
from rag.answer.synthesis import Assignment, Finished, Said, Unanswered
from rag.errors import DatelineError, ModelError, SettingsError
from rag.gate.verify import verified
from rag.schema import Basis, Citation, Claim, Dates, Passage, Query, Rejection, Source, Turn
from rag.settings import Settings
from rag.spending import open_ledger
from tests.openai_server import (
    OpenAIServer,
    Reply,
    echoing_key,
    ended_early,
    endless,
    hung_up,
    raw,
    refused,
    stalled,
    streamed,
    without_stream_options,
)

KEY = "sk-loopback-0123456789abcdef"
NOW = datetime(2025, 6, 1, 12, 0, tzinfo=UTC)

HARBOUR = (
    "The port of Kessel handled 1.2 million containers in 2023. “We ran out of cranes,” harbour master Ilse Brandt said"
    " – and\nthe queue\n grew to 41 ships. On 7 March 2024 the council approved a second quay."
)
SOURCE = Source("kessel.md", title="Kessel's harbour", publisher="Coast Daily", published=Dates.parse("2024-03-09"))
PASSAGES = (
    Passage(SOURCE, 100, 100 + len(HARBOUR), HARBOUR),
    Passage(Source("rates.md", publisher="Ledger", basis=Basis.UNKNOWN), 0, 31, "Rates stay at 4 percent in June."),
)
TEXTS = {"kessel.md": "x" * 100 + HARBOUR, "rates.md": PASSAGES[1].text}
QUERY = Query("How busy is the port?", "How busy is the port?")

CONTAINERS = {
    "claim": "Kessel's port handled 1.2 million containers in 2023.",
    "cites": [{"key": "key1", "quote": "The port of Kessel handled 1.2 million containers in 2023."}],
    "attribution": "",
}
QUAY = {
    "claim": "The council approved a second quay on 7 March 2024.",
    "cites": [{"key": "key1", "quote": "On 7 March 2024 the council approved a second quay."}],
}
UNANSWERED = {"unanswered": "how many trucks wait"}
END = {"end": True}


def lines(*objects: object) -> str:
    return "".join(json.dumps(each) + "\n" for each in objects)


WHOLE = lines(CONTAINERS, QUAY, UNANSWERED, END)
GOOD = streamed(WHOLE)


class Pauses:
    """A sleep that notes how long it was asked for, and passes at once."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def settings(url: str, timeout: float = 20, key: str = KEY) -> Settings:
    return Settings.model_construct(
        openai_api_key=SecretStr(key),
        openai_base_url=url,
        openai_model="loopback",
        openai_timeout=timeout,
        openai_input_price=2.0,
        openai_output_price=8.0,
    )


async def said_by(
    *script: Reply,
    seconds: float = 20,
    pauses: Pauses | None = None,
    query: Query = QUERY,
    history: tuple[Turn, ...] = (),
) -> tuple[list[Said], OpenAIServer]:
    """Run the synthesizer against a server; the test fails if it is not done well after its own deadline."""
    keys = (f"key{number}" for number in count(1))
    async with OpenAIServer(*script) as server:
        model = ChatModel(settings(server.url, seconds), sleep=pauses or Pauses(), now=lambda: NOW)
        synthesizer = OpenAISynthesizer(model, today=lambda: date(2025, 6, 1), new_key=lambda: next(keys))
        try:
            async with asyncio.timeout(seconds + 5):
                return [said async for said in synthesizer.synthesize(Assignment(query, PASSAGES, history))], server
        finally:
            await model.aclose()


def claims(said: list[Said]) -> list[str]:
    return [each.text for each in said if isinstance(each, Claim)]


def shown(said: list[Said]) -> list[str]:
    """Pass claims through the gate, as the engine does."""
    checked = (verified(each, TEXTS) for each in said if isinstance(each, Claim))
    return [claim.text for claim in checked if isinstance(claim, Claim)]


def notice(said: list[Said]) -> str:
    assert isinstance(said[-1], Finished)
    return said[-1].notice


async def test_a_reply_becomes_claims_with_citations_and_a_cost() -> None:
    said, server = await said_by(GOOD)
    containers, quay, unanswered, finished = said
    assert isinstance(containers, Claim)
    assert containers.citations == (Citation(SOURCE, 100, 158, HARBOUR[:58]),)
    assert isinstance(quay, Claim)
    assert quay.citations[0].quote == "On 7 March 2024 the council approved a second quay."
    assert unanswered == Unanswered("how many trucks wait")
    assert isinstance(finished, Finished)
    assert (finished.notice, finished.usage.input_tokens, finished.usage.output_tokens) == ("", 1200, 80)
    assert finished.usage.cost_usd == pytest.approx((1200 * 2 + 80 * 8) / 1e6)
    assert len(server.requests) == 1
    assert shown(said) == [CONTAINERS["claim"], QUAY["claim"]]


async def test_claims_come_while_the_reply_is_still_streaming() -> None:
    async with OpenAIServer(stalled(lines(CONTAINERS))) as server:
        model = ChatModel(settings(server.url))
        synthesizer = OpenAISynthesizer(model, today=lambda: date(2025, 6, 1), new_key=lambda: f"key{next(numbers)}")
        numbers = count(1)
        stream = synthesizer.synthesize(Assignment(QUERY, PASSAGES))
        first = await anext(aiter(stream))
        assert isinstance(first, Claim)
        await stream.aclose()  # an async generator
        await model.aclose()


async def test_the_model_sees_the_passages_the_conversation_and_the_day() -> None:
    history = (Turn("user", "Tell me of Kessel."), Turn("assistant", "It is a port. [1]"))
    _, server = await said_by(GOOD, history=history, query=Query("How busy is it?", "How busy is the port of Kessel?"))
    system, user = (message["content"] for message in server.requests[0]["messages"])  # type: ignore[attr-defined]
    assert "2025-06-01" in system
    for part in (
        "key1",
        "key2",
        HARBOUR,
        "Coast Daily",
        "2024-03-09",
        "published: unknown",
        "assistant: It is a port. [1]",
    ):
        assert part in user
    assert "How busy is it?\n(that is: How busy is the port of Kessel?)" in user


@pytest.mark.parametrize(
    ("header", "pause"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "Sun, 01 Jun 2025 12:00:09 GMT"}, 9.0),
        ({"Retry-After-Ms": "1500"}, 1.5),
    ],
)
async def test_a_busy_server_is_asked_again_when_it_says(header: dict[str, str], pause: float) -> None:
    pauses = Pauses()
    said, server = await said_by(refused(429, {"message": "slow down"}, header), GOOD, pauses=pauses)
    assert (len(server.requests), pauses.seconds, len(claims(said))) == (2, [pause], 2)


async def test_a_pause_beyond_the_deadline_is_not_begun() -> None:
    pauses = Pauses()
    with pytest.raises(ModelError, match="429"):
        await said_by(refused(429, {"message": "slow down"}, {"Retry-After": "30"}), GOOD, seconds=20, pauses=pauses)
    assert pauses.seconds == []


@pytest.mark.parametrize("header", ["", "soon", "nan", "-3", "9" * 400, "Thu, 99 Foo 2025"])
def test_a_strange_retry_after_is_survived(header: str) -> None:
    pause = retry_after({"retry-after": header, "retry-after-ms": ""}, NOW)
    assert pause is None or 0 <= pause <= 3600


@pytest.mark.parametrize(
    "fault",
    [
        refused(500, "oops"),
        refused(503, {"message": "overloaded"}),
        refused(408, ""),
        refused(409, ""),
        hung_up(""),
        hung_up(lines(CONTAINERS)[:30]),
        hung_up(lines(UNANSWERED)),
        ended_early(lines(CONTAINERS)[:30]),
        raw(b"<html>Bad gateway</html>", "text/html"),
        raw(b"data: {broken\n\n"),
        raw(b'data: {"error": {"message": "upstream died"}}\n\n'),
        raw(b"data: \xff\xfe\n\n"),
    ],
)
async def test_a_failure_before_the_first_claim_is_tried_again_with_growing_pauses(fault: Reply) -> None:
    pauses = Pauses()
    said, server = await said_by(fault, fault, GOOD, pauses=pauses)
    assert claims(said) == [CONTAINERS["claim"], QUAY["claim"]]
    assert notice(said) == ""
    assert len(server.requests) == 3
    assert len(pauses.seconds) == 2
    assert pauses.seconds[0] < pauses.seconds[1] < 3


async def test_a_server_that_stays_broken_is_given_up() -> None:
    with pytest.raises(ModelError, match="status 500"):
        await said_by(refused(500, "oops"))


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (refused(400, {"message": "bad"}), "OPENAI_MODEL"),
        (refused(401, {"message": "bad"}), "OPENAI_API_KEY"),
        (refused(403, {"message": "bad"}), "OPENAI_API_KEY"),
        (refused(404, {"message": "bad"}), "OPENAI_BASE_URL"),
        (refused(429, {"message": "quota", "type": "insufficient_quota", "code": "insufficient_quota"}), "quota"),
        (raw(b'data: {"error": {"message": "quota", "code": "insufficient_quota"}}\n\n'), "quota"),
    ],
)
async def test_a_refusal_is_not_tried_again_and_says_what_to_do(fault: Reply, says: str) -> None:
    pauses = Pauses()
    with pytest.raises(ModelError, match=says):
        await said_by(fault, fault, GOOD, pauses=pauses)
    assert pauses.seconds == []


async def test_a_server_that_is_not_there_is_an_error_of_one_line() -> None:
    model = ChatModel(settings("http://127.0.0.1:9/v1"), sleep=Pauses())
    with pytest.raises(ModelError, match=r"^The model server cannot be reached\..*$"):
        [said async for said in OpenAISynthesizer(model, date.today).synthesize(Assignment(QUERY, PASSAGES))]
    await model.aclose()


async def test_a_repair_has_only_the_time_that_the_answer_left() -> None:
    rejected = [Rejection(Claim("Kessel is busy."), "cites nothing")]
    soon, late = (Assignment(QUERY, PASSAGES, begun=time.monotonic() - seconds) for seconds in (1, 20))
    async with OpenAIServer(GOOD) as server:
        synthesizer = OpenAISynthesizer(ChatModel(settings(server.url, 20)), date.today)
        assert len([said async for said in synthesizer.repair(soon, rejected)]) == 1
        with pytest.raises(ModelError, match="longer than 20 s"):
            [said async for said in synthesizer.repair(late, rejected)]


async def test_a_deadline_in_a_later_attempt_is_told_as_what_failed_before() -> None:
    with pytest.raises(ModelError, match=r"status 503"):
        await said_by(refused(503, "busy"), stalled(), seconds=1.5)


@pytest.mark.parametrize("fault", [stalled(), stalled(""), endless("."), endless(lines(UNANSWERED))])
async def test_a_reply_that_does_not_come_ends_at_the_deadline(fault: Reply) -> None:
    with pytest.raises(ModelError, match=r"longer than 0.3 s"):
        await said_by(fault, seconds=0.3)


@pytest.mark.parametrize(
    "fault",
    [
        stalled(lines(CONTAINERS)),
        endless(" ", lines(CONTAINERS)),
        hung_up(lines(CONTAINERS)),
        ended_early(lines(CONTAINERS)),
        streamed(lines(CONTAINERS), finish="length"),
        streamed(lines(CONTAINERS, QUAY)[:-20]),
    ],
)
async def test_a_reply_that_breaks_off_keeps_its_claims_and_says_so(fault: Reply) -> None:
    said, server = await said_by(fault, seconds=4)
    assert claims(said) == [CONTAINERS["claim"]]
    assert notice(said) == CUT_SHORT
    assert len(server.requests) == 1


async def test_a_reply_without_end_is_read_only_so_far() -> None:
    started = asyncio.get_running_loop().time()
    said, _ = await said_by(endless("all work and no play " * 200, lines(CONTAINERS), pause=0))
    assert claims(said) == [CONTAINERS["claim"]]
    assert notice(said) == CUT_SHORT
    assert asyncio.get_running_loop().time() - started < 10  # long before its deadline


async def test_a_reply_in_prose_is_an_error() -> None:
    with pytest.raises(ModelError, match="not in the form"):
        await said_by(streamed("The port is rather busy, I would say."))


async def test_an_answer_that_there_is_none_is_an_answer() -> None:
    said, _ = await said_by(streamed(lines(UNANSWERED, END)))
    assert (said[0], notice(said), len(said)) == (Unanswered("how many trucks wait"), "", 2)


@pytest.mark.parametrize("fault", [echoing_key(401), echoing_key(400), echoing_key(500), echoing_key(429)])
async def test_no_error_and_no_log_holds_the_key(fault: Reply, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ModelError) as caught:
        await said_by(fault)
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("rag")]
    assert KEY not in f"{caught.value!r}{caught.getrepr()}{ours}"
    assert KEY not in "".join(record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)


@pytest.mark.parametrize(
    ("url", "key"),
    [("http://127.0.0.1:port/v1", KEY), ("http://127.0.0.1:9/v1", "sk-ключ"), ("http://127.0.0.1:9/v1", "sk-a\nb")],
)
async def test_a_setting_that_cannot_work_is_named_and_not_shown(url: str, key: str) -> None:
    model = ChatModel(settings(url, key=key), sleep=Pauses())
    with pytest.raises(DatelineError, match="OPENAI_") as caught:
        [said async for said in OpenAISynthesizer(model, date.today).synthesize(Assignment(QUERY, PASSAGES))]
    assert isinstance(caught.value, SettingsError)
    assert key not in str(caught.value)


async def test_a_server_that_knows_no_usage_is_asked_without() -> None:
    said, server = await said_by(without_stream_options(GOOD))
    assert claims(said) == [CONTAINERS["claim"], QUAY["claim"]]
    assert ["stream_options" in request for request in server.requests] == [True, False]


BYTES = len(lines(CONTAINERS).encode())
TOLD = (1200 * 2 + 80 * 8) / 1e6


@pytest.mark.parametrize(
    ("replies", "costs", "seconds"),
    [
        ([GOOD], lambda most, prompt: TOLD, 20),
        ([streamed(lines(CONTAINERS), usage=None)], lambda most, prompt: prompt + 8 * BYTES / 1e6, 20),
        ([hung_up(lines(CONTAINERS))], lambda most, prompt: most, 20),
        ([stalled()], lambda most, prompt: most, 1.5),
        ([refused(401)], lambda most, prompt: 0, 20),
        ([refused(500), hung_up(""), GOOD], lambda most, prompt: most + TOLD, 20),
        ([without_stream_options(GOOD)], lambda most, prompt: prompt + 8 * len(WHOLE.encode()) / 1e6, 20),
    ],
    ids=["told", "untold", "broken-off", "stalled", "refused", "retried", "simple"],
)
async def test_a_call_is_booked_as_told_or_else_at_the_most_that_it_can_have_cost(
    tmp_path: Path, replies: list[Reply], costs: Callable[[float, float], float], seconds: float
) -> None:
    async with OpenAIServer(*replies) as server:
        chosen = settings(server.url, seconds).model_copy(update={"data": tmp_path, "daily_usd": 9.0})
        ledger = open_ledger(chosen)
        assert ledger is not None
        model = ChatModel(chosen, ledger, sleep=Pauses())
        with suppress(ModelError):
            assert [part async for part in model.reply([Message("user", "How busy is Kessel’s port?")], bool)]
        await model.aclose()
    prompt = (28 + 16) * 2 / 1e6  # bytes, and what a server adds to a message
    assert ledger.spent("2") == pytest.approx(costs(prompt + 8000 * 8 / 1e6, prompt))
    ledger.close()


async def test_a_call_to_a_server_that_is_not_there_costs_nothing(tmp_path: Path) -> None:
    chosen = settings("http://127.0.0.1:9/v1").model_copy(update={"data": tmp_path, "daily_usd": 9.0})
    ledger = open_ledger(chosen)
    assert ledger is not None
    with pytest.raises(ModelError, match="cannot be reached"):
        assert [part async for part in ChatModel(chosen, ledger, sleep=Pauses()).reply([Message("user", "?")], bool)]
    assert ledger.spent("2") == 0
    assert ledger.reserve(8.9, "", 60) is not None
    assert ledger.reserve(0.2, "", 60) is not None
    ledger.close()


async def test_a_reply_that_is_paid_out_of_a_budget_may_not_be_longer_than_was_reserved(tmp_path: Path) -> None:
    async with OpenAIServer(GOOD) as server:
        chosen = settings(server.url).model_copy(update={"data": tmp_path})
        for model in (ChatModel(chosen), ChatModel(chosen, open_ledger(chosen.model_copy(update={"daily_usd": 9.0})))):
            assert [part async for part in model.reply([Message("user", "How busy?")], bool)]
            await model.aclose()
    assert [request.get("max_completion_tokens") for request in server.requests] == [None, 8000]


@pytest.mark.parametrize(
    "lie",
    [
        {**CONTAINERS, "cites": [{"key": "key9", "quote": CONTAINERS["cites"][0]["quote"]}]},  # type: ignore[index]
        {**CONTAINERS, "cites": [{"key": "key1", "quote": "The port of Kessel is the best there is."}]},
        {**CONTAINERS, "cites": [{"key": "key2", "quote": CONTAINERS["cites"][0]["quote"]}]},  # type: ignore[index]
        {**CONTAINERS, "cites": [{"key": "key1", "quote": ""}]},
        {**CONTAINERS, "cites": [{"key": "key1", "quote": " … "}]},
        {**CONTAINERS, "cites": []},
        {**CONTAINERS, "cites": "key1"},
        {**CONTAINERS, "cites": [["key1", "quote"], None, {"key": 1, "quote": 2}]},
        {"claim": CONTAINERS["claim"]},
        {**CONTAINERS, "claim": "Kessel's port handled 1.3 million containers in 2023."},
        {**CONTAINERS, "claim": "Kessel's port handled 1.2 million containers in 2022."},
        {**CONTAINERS, "claim": "Rotterdam's port handled 1.2 million containers in 2023."},
        {**CONTAINERS, "claim": "Kessel's port did not handle 1.2 million containers in 2023."},
        {**CONTAINERS, "claim": "Kessel handled 1.2 million containers in 2023, see https://evil.example."},
        {**CONTAINERS, "claim": ""},
        {**CONTAINERS, "claim": 12},
        [CONTAINERS["claim"]],
        "Kessel is busy.",
    ],
)
async def test_a_lie_is_not_shown(lie: object) -> None:
    said, _ = await said_by(streamed(lines(lie, QUAY, END)))
    assert shown(said) == [QUAY["claim"]]


@pytest.mark.parametrize(
    "text",
    [
        "```json\n" + lines(CONTAINERS, QUAY, END) + "```",
        json.dumps([CONTAINERS, QUAY, END]),
        json.dumps([CONTAINERS, QUAY, END], indent=2),
        json.dumps(CONTAINERS) + json.dumps(QUAY) + "  " + json.dumps(END),
        "Here you are:\n" + lines(CONTAINERS) + '{"claim": "cut off\n' + lines(QUAY, END),
        lines(CONTAINERS) + '{"claim": "cut off", "cites": [{"key": \n' + lines(QUAY, END),
        lines(CONTAINERS) + '{"claim": }\n{]}\n{{"a"}\n\n' + lines(QUAY, END),
        lines(CONTAINERS, {"claim": 'with "quotes" and } \\', "cites": []}, QUAY, END),
    ],
)
@pytest.mark.parametrize("step", [1, 50, 10_000])
async def test_a_sloppy_reply_is_read(text: str, step: int) -> None:
    said, _ = await said_by(streamed(text, step=step))
    assert shown(said) == [CONTAINERS["claim"], QUAY["claim"]]
    assert notice(said) == ""


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("On 7 March 2024 the council approved a second quay.", "On 7 March 2024 the council approved a second quay."),
        ('"We ran out of cranes,"', "We ran out of cranes,"),
        ("Ilse Brandt said - and the queue grew to 41 ships.", "Ilse Brandt said – and\nthe queue\n grew to 41 ships."),
        ("…handled 1.2 million containers…", "handled 1.2 million containers"),
        ("... the queue   grew", "the queue\n grew"),
    ],
)  # fmt: skip
def test_a_quote_is_found_whatever_its_dashes_marks_and_spaces(quote: str, found: str) -> None:
    citation = located(quote, PASSAGES[0])
    assert citation is not None
    assert citation.quote == found == TEXTS["kessel.md"][citation.start : citation.end]


@pytest.mark.parametrize("quote", ["on 7 march 2024", "handled 1.2 million ships", "The port … in 2023", "", "…", '"'])
def test_what_an_article_does_not_say_is_not_found(quote: str) -> None:
    assert located(quote, PASSAGES[0]) is None


def test_every_passage_has_a_key_of_its_own_that_nobody_can_guess() -> None:
    keys = iter(("same", "same", "other"))
    assert list(keyed_by(lambda: next(keys), PASSAGES)) == ["same", "other"]
    assert len({key for _ in range(50) for key in keyed_by(new_key, PASSAGES)}) == 100

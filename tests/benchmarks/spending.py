"""Measure by how much spend caps are exceeded: `python -m tests.benchmarks.spending`.

Fifty questions at once ask a loopback model that only lies, so that repairs are paid for as well. What it would have
charged is counted at its end, and held against the cap and the ledger.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from rag.answer.engine import open_engine
from rag.ingest.pipeline import ingest
from rag.schema import Answer
from rag.settings import ROOT, Settings
from rag.spending import open_ledger
from tests.gazette import open_gazette, write_articles
from tests.openai_server import USAGE, OpenAIServer, streamed

QUESTIONS = 50
INPUT, OUTPUT = 10.0, 40.0  # USD for a million tokens
ONE_CALL = (USAGE["prompt_tokens"] * INPUT + USAGE["completion_tokens"] * OUTPUT) / 1e6
SPENT_TODAY = "Today's budget for the model is spent; this answer is in the articles' own sentences."
QUESTION = "How many books did the fire in the library of Tarn destroy?"
FALSE = json.dumps({"claim": "The fire destroyed nine books.", "cites": [{"key": "none", "quote": "nine books"}]})
LYING = streamed(f'{FALSE}\n{{"end": true}}')


@dataclass(frozen=True)
class Outcome:
    """What the server would have charged, what the ledger has of it, and what the readers were told."""

    billed: float
    booked: float
    notices: Sequence[str] = ()


def main() -> None:
    logging.disable()  # that the budget is spent is what is to happen
    with TemporaryDirectory() as folder:
        articles = Path(folder) / "store"
        with open_gazette(articles) as store:
            ingest([str(write_articles(Path(folder) / "articles"))], store)
        print(f"one call: ${ONE_CALL:.4f}")
        for name, measured in (("one process", rush), ("two processes", rush_of_processes)):
            for cap in (0.05, 0.2, 0.7):
                outcome = asyncio.run(measured(articles, Path(folder) / f"{name} {cap}", cap))
                exceeded = max(0.0, outcome.billed - cap)
                print(
                    f"{QUESTIONS} questions, {name}, cap ${cap:.2f}: charged ${outcome.billed:.4f},"
                    f" booked ${outcome.booked:.4f}, exceeded by ${exceeded:.4f} = {exceeded / ONE_CALL:.2f} calls"
                )


async def rush(articles: Path, folder: Path, cap: float) -> Outcome:
    """Ask all questions at once."""
    async with OpenAIServer(LYING) as server:
        answers = await asked(articles, capped(folder, server.url, cap), QUESTIONS)
    return outcome(server, folder, cap, [answer.notice for answer in answers])


async def rush_of_processes(articles: Path, folder: Path, cap: float) -> Outcome:
    """Ask half of the questions in each of two processes."""
    async with OpenAIServer(LYING) as server:
        program = [sys.executable, "-m", "tests.benchmarks.spending", str(articles), str(folder), server.url, str(cap)]
        halves = [await asyncio.create_subprocess_exec(*program, cwd=ROOT) for _ in range(2)]
        assert [await half.wait() for half in halves] == [0, 0]
    return outcome(server, folder, cap)


async def asked(articles: Path, settings: Settings, questions: int) -> list[Answer]:
    with open_gazette(articles) as store:
        engine = open_engine(settings, store)
        return await asyncio.gather(*(engine.answer(QUESTION) for _ in range(questions)))


def capped(folder: Path, url: str, cap: float) -> Settings:
    return Settings.model_construct(
        data=folder,
        openai_api_key=SecretStr("sk-loopback"),
        openai_base_url=url,
        openai_input_price=INPUT,
        openai_output_price=OUTPUT,
        daily_usd=cap,
    )


def outcome(server: OpenAIServer, folder: Path, cap: float, notices: Sequence[str] = ()) -> Outcome:
    ledger = open_ledger(capped(folder, server.url, cap))
    assert ledger is not None
    booked = ledger.spent(f"{datetime.now(UTC):%Y}")
    ledger.close()
    return Outcome(len(server.requests) * ONE_CALL, booked, notices)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _, at, folder_of_ledger, address, usd = sys.argv
        asyncio.run(asked(Path(at), capped(Path(folder_of_ledger), address, float(usd)), QUESTIONS // 2))
    else:
        main()

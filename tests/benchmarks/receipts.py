"""Measure receipts: `python -m tests.benchmarks.receipts [--limit N]`.

Asks the canned questions of the articles in `seeds/articles`, without a model and with one on the loopback interface,
keeps a receipt of each answer, and shows it again from the file of receipts alone: the cards of Discord, the text of
the terminal and the record must be the same.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.render import answer_cards
from rag.answer.engine import Engine, open_engine
from rag.ingest.pipeline import ingest
from rag.receipts import Asked, Receipts, new_identity, receipt_of, without_texts
from rag.records import answer_record
from rag.schema import Answer
from rag.settings import ROOT, Settings
from rag.store.store import Store, open_store
from rag.terminal import show_answer
from tests.bot.writer import Writer
from tests.openai_server import OpenAIServer, written

QUESTIONS = ROOT / "seeds" / "questions.jsonl"


@dataclass(frozen=True)
class Kept:
    """An answer, the id of its receipt, and how long it took to keep it."""

    answer: Answer
    identity: str
    seconds: float


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--limit", type=int, metavar="N", help="only the first N questions")
    limit = options.parse_args().limit
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()][:limit]
    with TemporaryDirectory() as folder:
        alone = Settings.model_construct(data=Path(folder) / "data")
        with open_store(alone) as store:
            ingest([str(ROOT / "seeds" / "articles")], store)
            asyncio.run(measure(questions, store, alone, Path(folder)))


async def measure(questions: Sequence[str], store: Store, alone: Settings, folder: Path) -> None:
    """Measure both ways of answering."""
    await show("without a model", questions, open_engine(alone, store), store, alone, folder / "extractive.sqlite3")
    async with OpenAIServer(written(Writer().write)) as server:
        chosen = alone.model_copy(update={"openai_base_url": server.url, "openai_model": "loopback"})
        await show(
            "with the loopback model", questions, open_engine(chosen, store), store, chosen, folder / "model.sqlite3"
        )


async def show(name: str, questions: Sequence[str], engine: Engine, store: Store, chosen: Settings, file: Path) -> None:
    with Receipts(file) as receipts:
        kept = [await asked(question, engine.answer, store, receipts, chosen) for question in questions]
    with Receipts(file) as receipts:
        replayed = [same(each, receipts) for each in kept]
    report(name, kept, replayed, file)


def report(name: str, kept: Sequence[Kept], replayed: Sequence[tuple[bool, bool, bool]], file: Path) -> None:
    cards, terminal, records = (sum(column) for column in zip(*replayed, strict=True))
    milliseconds = 1000 * sum(each.seconds for each in kept) / len(kept)
    print(f"\n{name}: {len(kept)} answers, {sum(each.answer.abstained for each in kept)} of them abstentions")
    print(f"  the same again: cards {cards}, terminal {terminal}, record {records}")
    print(f"  {milliseconds:.1f} ms to keep one; the file has {file.stat().st_size / 1024:.0f} KB")


async def asked(
    question: str, answer: Callable[[str], Awaitable[Answer]], store: Store, receipts: Receipts, chosen: Settings
) -> Kept:
    """Have a question answered, and keep a receipt."""
    state, given, identity = store.state(), await answer(question), new_identity()
    begun = time.perf_counter()
    receipts.keep(identity, receipt_of(given, Asked(question), chosen, state, datetime.now(UTC)), state)
    return Kept(given, identity, time.perf_counter() - begun)


def same(kept: Kept, receipts: Receipts) -> tuple[bool, bool, bool]:
    """Tell whether a receipt gives the same cards, the same text and the same record but for the texts of passages."""
    receipt, given = receipts.get(kept.identity), kept.answer
    if receipt is None:
        return False, False, False
    cards = answer_cards(receipt.answer) == answer_cards(given)
    shown = printed(receipt.answer, kept.identity) == printed(given, kept.identity)
    return cards, shown, receipt.record == without_texts(answer_record(given))


def printed(answer: Answer, identity: str) -> str:
    with redirect_stdout(io.StringIO()) as out:
        show_answer(answer, identity)
    return out.getvalue()


if __name__ == "__main__":
    main()

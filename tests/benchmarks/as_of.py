"""Measure time: `python -m tests.benchmarks.as_of [--failures]`.

`planted/as_of` holds articles of which the later ones contradict the earlier, rename people and bring new words, and
questions that speak of a time. Rules were tuned on dev only.

*Leaks* are answers that differ, in anything but the time they took, from those of a store that holds only what had
been published by the day. *Understood* is a question whose period, or whose wish for the newest, is read as planted;
*answered* is one whose answer cites the planted words, or says which time nothing is from.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.answer.engine import Engine
from rag.ingest.pipeline import ingest
from rag.records import Record, answer_record
from rag.retrieve.retriever import Retriever
from rag.schema import Answer, Dates, Filters, Turn
from rag.store.store import open_store
from tests.benchmarks.alone import settings

PLANTED = Path(__file__).parent / "planted" / "as_of"
HALVES = ("dev", "held-out")


@dataclass(frozen=True)
class Asked:
    """A question with the day it is asked on and what should come of it."""

    question: str
    today: date
    history: tuple[Turn, ...] = ()
    period: str | None = None
    newest: bool = False
    says: tuple[str, ...] = ()  # one of these must stand in a quote
    notice: str = ""  # must stand in the notice
    nothing: bool = False  # nothing is from that time, and the answer must say so

    @classmethod
    def of(cls, record: Record) -> Asked:
        said = record.pop("history", [])
        roles = ("user", "assistant") * len(said)
        says = record.pop("says", [])
        return cls(
            today=date.fromisoformat(record.pop("today")),
            history=tuple(Turn(role, content) for role, content in zip(roles, said, strict=False)),
            says=(says,) if isinstance(says, str) else tuple(says),
            **record,
        )

    @property
    def speaks_of_time(self) -> bool:
        return self.newest or self.period is not None


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", action="store_true", help="print every question that went wrong")
    failures = options.parse_args().failures
    for half in HALVES:
        articles = read(f"{half}-articles.jsonl")
        asked = [Asked.of(record) for record in read(f"{half}-questions.jsonl")]
        show(half, asked, outcomes(articles, asked), failures=failures)
        days = sorted({Dates.parse(each["published"]) for each in articles if "published" in each})[2::3]
        compared, leaks = leaking(articles, asked, days)
        print(f"{half}: {len(leaks)} leaks in {compared} answers as of {len(days)} days")
        for leak in leaks if failures else ():
            print(f"   {leak}")


def read(name: str) -> list[Record]:
    return [json.loads(line) for line in (PLANTED / name).read_text(encoding="utf-8").splitlines()]


@contextmanager
def retriever_over(articles: Sequence[Record]) -> Iterator[Retriever]:
    """Open a store of its own that holds these articles."""
    with TemporaryDirectory() as folder, open_store(settings(Path(folder) / "store")) as store:
        file = Path(folder) / "articles.jsonl"
        file.write_text("".join(f"{json.dumps(article)}\n" for article in articles), encoding="utf-8")
        ingest([str(file)], store)
        yield Retriever(store)


def outcomes(articles: Sequence[Record], asked: Sequence[Asked]) -> list[Answer]:
    """Answer each question on its day, from what had been published by then."""
    with retriever_over(articles) as retriever:
        engine = Engine(retriever)
        return [answered(engine, each, Filters(as_of=Dates(each.today, each.today))) for each in asked]


def answered(engine: Engine, asked: Asked, filters: Filters) -> Answer:
    return asyncio.run(engine.answer(asked.question, asked.history, filters))


def leaking(articles: Sequence[Record], asked: Sequence[Asked], days: Sequence[Dates]) -> tuple[int, list[str]]:
    """Count the answers compared, and list those that an article of a later day has changed."""
    leaks = []
    with retriever_over(articles) as now:
        for day in days:
            filters = Filters(as_of=day)
            known = [each for each in articles if "published" in each and Dates.parse(each["published"]) <= day]
            with retriever_over(known) as then:
                engines = Engine(now), Engine(then)
                for each in asked:
                    ours, theirs = (comparable(answered(engine, each, filters)) for engine in engines)
                    if ours != theirs:
                        leaks.append(f"as of {day}: {each.question}")
    return len(days) * len(asked), leaks


def comparable(answer: Answer) -> Record:
    """Leave out the times, and where a file's line is: the same article is on another line of the smaller file."""
    record = answer_record(replace(answer, timings_ms={})) | {"read_as": replace(answer.query, question="")}
    return {name: without_documents(value) for name, value in record.items()}


def without_documents(value: object) -> object:
    if isinstance(value, list):
        return [without_documents(each) for each in value]
    if isinstance(value, dict):
        return {name: without_documents(each) for name, each in value.items() if name != "document"}
    return value


def understood(asked: Asked, answer: Answer) -> bool:
    period = str(answer.query.period) if answer.query.period else None
    return (period, answer.query.newest) == (asked.period, asked.newest)


def right(asked: Asked, answer: Answer) -> bool:
    """Tell whether an answer cites what it should, or says that there is nothing."""
    if asked.nothing:
        return "No article is dated" in answer.dating
    quotes = [citation.quote for claim in answer.claims[:1] for citation in claim.citations]
    return any(says in quote for says in asked.says for quote in quotes) and asked.notice in answer.dating


def show(half: str, asked: Sequence[Asked], answers: Sequence[Answer], *, failures: bool) -> None:
    pairs = list(zip(asked, answers, strict=True))
    timed = [pair for pair in pairs if pair[0].speaks_of_time]
    untimed = [pair for pair in pairs if not pair[0].speaks_of_time]
    to_answer = [pair for pair in timed if pair[0].says or pair[0].nothing]
    print(f"\n{half}: understood {share([understood(*pair) for pair in timed])}, ", end="")
    print(f"left alone where no time is meant {share([understood(*pair) for pair in untimed])}, ", end="")
    print(f"answered from the right article {share([right(*pair) for pair in to_answer])}")
    for each, answer in pairs if failures else ():
        wrong = (each.says or each.nothing) and not right(each, answer)
        if wrong or not understood(each, answer):
            print(f"   {each.question} → {answer.query.period}, {answer.query.newest}; {answer.dating}")
            print(f"      {answer.confidence} {[claim.text for claim in answer.claims]}")


def share(found: Sequence[bool]) -> str:
    return f"{sum(found)}/{len(found)}"


if __name__ == "__main__":
    main()

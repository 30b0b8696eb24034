"""Measure who is said to say so: `python -m tests.benchmarks.attribution [--failures]`.

`planted/attribution-dev.txt` and `attribution-held-out.txt` hold invented articles under `# outlet | origin | day |
title`. A line that is asked about ends with `[plain]` if the article states it, and with `[form | who | the bare fact]`
if it is only said; each name of `who` has to be shown. Every fact is asked about without a model, and of loopback
models that leave out who says what is said, that say it, and that have a stranger say what the article states.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

from aiohttp import web
from pydantic import SecretStr

from rag.answer.engine import Engine, open_engine
from rag.answer.wording import stated
from rag.ingest.pipeline import ingest
from rag.retrieve.retriever import Retriever
from rag.schema import Answer, Claim
from rag.store.store import Store, open_store
from tests.benchmarks.alone import settings
from tests.openai_server import OpenAIServer, streamed

PLANTED = Path(__file__).parent / "planted"
HALVES = ("dev", "held-out")  # by article; rules were made on the first
STRANGER = "Mayor Tilda Roos"  # says nothing in any of the articles
_MARK = re.compile(r"(?P<sentence>.+) \[(?:plain|(?P<form>\w+) \| (?P<who>[^|\n]+) \| (?P<bare>[^]\n]+))\]")


class Manner(StrEnum):
    """How a loopback model words a fact."""

    DROPS = "leaves out who says so"
    NAMES = "says who says so"
    INVENTS = "has a stranger say what is stated"


@dataclass(frozen=True)
class Fact:
    """A sentence of a planted article; without `who`, the article states it."""

    sentence: str
    form: str
    who: tuple[str, ...]
    bare: str

    @property
    def question(self) -> str:
        return f"Tell me about this: {self.bare}"

    def named_in(self, text: str) -> bool:
        """Tell whether a text names everybody whose word it is."""
        return all(name.casefold() in text.casefold() for name in self.who)

    def worded(self, manner: Manner) -> dict[str, str]:
        """Word the fact as a model of a manner does."""
        if manner is Manner.INVENTS:
            return {"claim": self.bare, "attribution": STRANGER}
        if manner is Manner.DROPS:
            return {"claim": self.bare, "attribution": ""}
        said = " said, according to ".join(self.who) if len(self.who) > 1 else f"according to {self.who[0]}"
        return {"claim": f"{self.bare.rstrip('.')}, {said}.", "attribution": self.who[0]}


@dataclass(frozen=True)
class Outcome:
    """What became of a fact: the claim that is shown for it, if any, and why the gate rejected one."""

    fact: Fact
    claim: Claim | None
    rejected: str = ""

    @property
    def right(self) -> bool:
        """Whether it is shown with everybody whose word it is, or with nobody if the article states it."""
        if self.claim is None or not self.fact.who:
            return self.claim is not None and not self.claim.attribution
        return self.fact.named_in(self.claim.attribution) and self.fact.named_in(stated(self.claim))


Outcomes = Sequence[Outcome]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--failures", action="store_true", help="print every fact that is shown or rejected wrongly")
    chosen = options.parse_args()
    for half in HALVES:
        extractive, modelled = asyncio.run(measured(half))
        print(f"\n{half}")
        show(extractive, modelled)
        if chosen.failures:
            show_failures(extractive, modelled)


async def measured(half: str) -> tuple[Outcomes, Mapping[Manner, Outcomes]]:
    """Ask about every fact of a half, without a model and of one of each manner."""
    articles, facts = planted(half)
    with TemporaryDirectory() as folder:
        data, file = Path(folder), Path(folder) / "articles.jsonl"
        file.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
        with open_store(settings(data)) as store:
            ingest([str(file)], store)
            engine = Engine(Retriever(store), threshold=0)  # whether to answer is measured elsewhere
            extractive = [outcome(fact, await engine.answer(fact.question)) for fact in facts]
            return extractive, {manner: await by_model(store, data, facts, manner) for manner in Manner}


async def by_model(store: Store, data: Path, facts: Sequence[Fact], manner: Manner) -> Outcomes:
    """Ask a loopback model of a manner about every fact that it can be wrong about."""
    asked = [fact for fact in facts if (manner is Manner.INVENTS) != bool(fact.who)]

    async def reply(request: web.Request) -> web.StreamResponse:
        prompt = "\n".join(message["content"] for message in (await request.json())["messages"])
        fact = next(fact for fact in asked if fact.question in prompt)
        cites = [{"key": key, "quote": fact.sentence} for key in re.findall(r"--- passage (\w+)", prompt)]
        return await streamed(json.dumps(fact.worded(manner) | {"cites": cites}) + '\n{"end": true}\n')(request)

    async with OpenAIServer(reply) as server:
        model = {"openai_api_key": SecretStr("none"), "openai_base_url": server.url, "openai_model": "loopback"}
        engine = open_engine(settings(data).model_copy(update=model), store)
        return [outcome(fact, await engine.answer(fact.question)) for fact in asked]


def outcome(fact: Fact, answer: Answer) -> Outcome:
    quoting = (claim for claim in answer.claims if any(is_of(fact, each.quote) for each in claim.citations))
    reasons = [rejection.reason for rejection in answer.rejections if rejection.claim.citations]
    return Outcome(fact, next(quoting, None), reasons[0] if reasons else "")


def is_of(fact: Fact, quote: str) -> bool:
    """Tell whether a quote has the sentence of a fact, or is a part of it."""
    return fact.sentence in quote or quote in fact.sentence


def planted(half: str) -> tuple[list[dict[str, str]], list[Fact]]:
    """Read the articles of a half, as records that can be ingested, and what is asked about them."""
    articles, facts = [], []
    for block in re.split(r"^# ", (PLANTED / f"attribution-{half}.txt").read_text(encoding="utf-8"), flags=re.M)[1:]:
        head, _, body = block.partition("\n")
        publisher, origin, day, title = (part.strip() for part in head.split("|"))
        facts += [fact_of(mark) for mark in map(_MARK.fullmatch, body.splitlines()) if mark]
        text = re.sub(r"(?<=\S)\n(?=[^\n-])", " ", _MARK.sub(r"\g<sentence>", body)).strip()
        articles.append({"publisher": publisher, "origin": origin, "published": day, "title": title, "body": text})
    return articles, facts


def fact_of(mark: re.Match[str]) -> Fact:
    who = tuple(name.strip() for name in (mark["who"] or "").split(",") if name)
    return Fact(mark["sentence"], mark["form"] or "plain", who, mark["bare"] or mark["sentence"])


def show(extractive: Outcomes, modelled: Mapping[Manner, Outcomes]) -> None:
    """Print how many facts are shown with the right speaker or none, and what the gate makes of the models' words."""
    shown = [each for each in extractive if each.claim]
    said, plain = [each for each in shown if each.fact.who], [each for each in shown if not each.fact.who]
    print(f"without a model, {len(shown)} of {len(extractive)} facts shown")
    print(f"  said, with the speaker: {share(each.right for each in said)}")
    print(f"  stated, with a speaker: {share(not each.right for each in plain)}")
    for form in sorted({each.fact.form for each in said}):
        print(f"    {form:12} {share(each.right for each in said if each.fact.form == form)}")
    for manner, outcomes in modelled.items():
        print(f"a model that {manner}")
        print(f"  rejected: {share(each.rejected != '' for each in outcomes)}")
        print(f"  shown as it should be: {share(each.right for each in outcomes)}")


def share(counted: Iterable[bool]) -> str:
    values = list(counted)
    return f"{sum(values)}/{len(values)} = {sum(values) / max(len(values), 1):.3f}"


def show_failures(extractive: Outcomes, modelled: Mapping[Manner, Outcomes]) -> None:
    for each in extractive:
        if each.claim and not each.right:
            print(f"\n{each.fact.form} {each.fact.who}: {stated(each.claim)}\n   {each.claim.attribution!r}")
    for manner, outcomes in modelled.items():
        for each in outcomes:
            if not (each.right or (manner is Manner.DROPS and each.rejected)):
                print(f"\na model that {manner}: {each.fact.worded(manner)['claim']}\n   {each.fact.sentence}")
                print(f"   {each.rejected or each.claim}")


if __name__ == "__main__":
    main()

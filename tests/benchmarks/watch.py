"""Measure the watch over answers: `python -m tests.benchmarks.watch [--failures]`.

`planted/watch/*.txt` has invented articles and what becomes of them in rounds. Each numbered sentence was cited by an
answer of its own; after each round the watch must find the answers that are affected, and no others.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.ingest.pipeline import ingest
from rag.receipts import Asked, Effect, Kind, Receipts, open_receipts, receipt_of
from rag.schema import Answer, Citation, Claim, Mode, Query
from rag.settings import Settings
from rag.store.store import Store, open_store
from rag.watch import Watch

PLANTED = Path(__file__).parent / "planted" / "watch"
HALVES = ("dev", "held-out")  # rules were written looking at the first
NOT_AFFECTING = {"append", "prepend", "wrap", "join", "edit", "retitle", "redate"}


@dataclass(frozen=True)
class Planted:
    """An article as a file; its sentences by their number, or by their place if nobody cites them."""

    name: str
    outlet: str
    published: str
    title: str
    sentences: dict[str, str]
    between: str = "\n\n"

    @property
    def file(self) -> str:
        head = f'---\ntitle: "{self.title}"\npublisher: "{self.outlet}"\npublished: {self.published}\n---\n'
        return f"{head}{self.between.join(self.sentences.values())}\n"


@dataclass(frozen=True)
class Change:
    """What becomes of an article."""

    kind: str
    article: str
    sentence: str = ""  # number
    text: str = ""


@dataclass(frozen=True, order=True)
class Affected:
    """An answer, by the article and the number of its sentence, and what it is affected by."""

    answer: str
    kind: Kind
    by: str


@dataclass(frozen=True)
class Outcome:
    """What was found in a round, and what there was to find."""

    found: frozenset[Affected]
    wanted: frozenset[Affected]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--failures", action="store_true", help="print what was missed or found wrongly")
    chosen = options.parse_args()
    for half in HALVES:
        begun = time.perf_counter()
        outcomes = measured(half)
        print(f"\n{half}: {len(outcomes)} rounds, {time.perf_counter() - begun:.0f} s")
        show(outcomes, failures=chosen.failures)


def measured(half: str) -> list[Outcome]:
    """Plant articles, give the answers, and go through the rounds."""
    text = (PLANTED / f"{half}.txt").read_text(encoding="utf-8")
    first, *rounds = re.split(r"^round$", text, flags=re.MULTILINE)
    articles = {article.name: article for article in planted(first)}
    with TemporaryDirectory() as folder:
        chosen, at = Settings.model_construct(data=Path(folder) / "data"), Path(folder) / "articles"
        with open_store(chosen) as store, open_receipts(chosen) as receipts:
            brought_in(articles, at, store)
            given(articles, store, receipts, chosen)
            watch = Watch(receipts, store)
            assert watch.look() == []
            return [played(lines, articles, at, store, watch) for lines in rounds]


def planted(text: str) -> Iterator[Planted]:
    """Read the articles."""
    for block in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        head, *lines = block.strip().splitlines()
        name, outlet, published, title = head.split(" | ")
        said = [line.partition(" ")[::2] for line in lines if line and not line.startswith("#")]
        sentences = {
            number if number != "-" else f"-{place}": words.strip() for place, (number, words) in enumerate(said)
        }
        yield Planted(name, outlet, published, title, sentences)


def brought_in(articles: dict[str, Planted], at: Path, store: Store) -> None:
    """Write the articles as files, and bring the store in line with them."""
    at.mkdir(exist_ok=True)
    for file in at.iterdir():
        file.unlink()
    for article in articles.values():
        (at / article.name).write_text(article.file, encoding="utf-8")
    ingest([str(at)], store)


def given(articles: dict[str, Planted], store: Store, receipts: Receipts, chosen: Settings) -> None:
    """Give an answer for each numbered sentence, which it cites word for word."""
    state = store.state()
    for article in articles.values():
        written = store.article(article.name)
        for number in filter(str.isdecimal, article.sentences):
            quote = article.sentences[number]
            start = written.text.index(quote)
            cited = Citation(written.source, start, start + len(quote), quote)
            answer = Answer(Query("?", "?"), Mode.EXTRACTIVE, (Claim(quote, (cited,)),))
            receipt = receipt_of(answer, Asked("?"), chosen, state, datetime.now(UTC))
            receipts.keep(f"{article.name} {number}", receipt, state)


def played(lines: str, articles: dict[str, Planted], at: Path, store: Store, watch: Watch) -> Outcome:
    """Let a round of changes happen, and look what the watch finds."""
    wanted = set()
    for change in changes(lines):
        wanted |= set(applied(change, articles))
    brought_in(articles, at, store)
    found = {affected(effect) for effect in watch.look()}
    assert watch.look() == []
    return Outcome(frozenset(found), frozenset(wanted))


def changes(lines: str) -> Iterator[Change]:
    """Read a round."""
    for line in re.sub(r"\n: ", " : ", lines).strip().splitlines():
        head, _, text = line.partition(" : " if line.startswith("new ") else ": ")
        kind, _, rest = head.partition(" ")
        name, _, more = rest.partition(" ")
        yield Change(kind, name, more, text)


def applied(change: Change, articles: dict[str, Planted]) -> Iterator[Affected]:
    """Apply a change, and yield the answers that it affects."""
    if change.kind == "new":
        outlet, published, title, *contradicted = change.sentence.removeprefix("| ").split(" | ")
        articles[change.article] = Planted(change.article, outlet, published, title, {"-0": change.text})
        yield from (Affected(answer, Kind.CONTRADICTED, change.article) for answer in contradicted)
        return
    article = articles.pop(change.article)
    answer = f"{change.article} {change.sentence}"
    if change.kind == "remove":
        for number in filter(str.isdecimal, article.sentences):
            yield Affected(f"{change.article} {number}", Kind.REMOVED, change.article)
        return
    articles[change.article] = changed(article, change)
    if change.kind not in NOT_AFFECTING:
        yield Affected(answer, Kind.EDITED, change.article)


def changed(article: Planted, change: Change) -> Planted:
    """Edit an article."""
    said = dict(article.sentences)
    uncited = next((number for number in said if not number.isdecimal()), "")
    match change.kind:
        case "drop":
            del said[change.sentence]
        case "change" | "rephrase":
            said[change.sentence] = change.text
        case "edit":
            said[uncited] = change.text
        case "append":
            said["-last"] = change.text
        case "prepend":
            said = {"-first": change.text} | said
        case "wrap":
            said = {number: words.replace(" ", "\n", 3) for number, words in said.items()}
        case "join":
            return replace(article, between=" ")
        case "retitle":
            return replace(article, title=change.text)
        case "redate":
            return replace(article, published=change.text)
    return replace(article, sentences=said)


def affected(effect: Effect) -> Affected:
    return Affected(effect.receipt, effect.kind, effect.document)


def show(outcomes: Sequence[Outcome], *, failures: bool) -> None:
    for name, kinds in (
        ("edits", {Kind.EDITED}),
        ("removals", {Kind.REMOVED}),
        ("contradictions", {Kind.CONTRADICTED}),
    ):
        precision, recall, wanted = scores(outcomes, kinds)
        print(f"{name:15} {wanted:3} affected  precision {precision:.3f}  recall {recall:.3f}")
    for number, outcome in enumerate(outcomes, start=1) if failures else ():
        for word, those in (("missed", outcome.wanted - outcome.found), ("wrong", outcome.found - outcome.wanted)):
            print("".join(f"round {number}: {word} {each.answer} by {each.by}\n" for each in sorted(those)), end="")


def scores(outcomes: Sequence[Outcome], kinds: set[Kind]) -> tuple[float, float, int]:
    """Compute precision and recall of some kinds, and how many there were to find."""
    found = {(number, each) for number, outcome in enumerate(outcomes) for each in outcome.found if each.kind in kinds}
    wanted = {
        (number, each) for number, outcome in enumerate(outcomes) for each in outcome.wanted if each.kind in kinds
    }
    right = len(found & wanted)
    return right / max(len(found), 1), right / max(len(wanted), 1), len(wanted)


if __name__ == "__main__":
    main()

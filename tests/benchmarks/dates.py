"""Measure the dates read from texts: `python -m tests.benchmarks.dates [--failures]`.

`planted/dates-*.jsonl` hold sentences of our own with their date expressions in braces, the day of publication, and
what each expression means: "2024-05-12"; "2024-05 2024-05-06..2024-05-12" with bounds, "-" where not even the year is
known; "2024-05-03/2024-05-09" for what lasted; then "~" if it is approximate and "thing" if it belongs to one.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rag.schema import Basis, Dates
from rag.settings import ROOT
from rag.timeline.dates import Anchor, Dated, dated

PLANTED = Path(__file__).parent / "planted"
HALVES = ("dev", "held-out")  # rules were made on the first
_MARKED = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Planted:
    """A text with the spans and the meanings of its date expressions."""

    kind: str
    text: str
    anchor: Anchor
    meanings: dict[tuple[int, int], str]


@dataclass(frozen=True)
class Outcome:
    """What an expression means, "" where there is none, beside what was found, None where nothing was."""

    planted: Planted
    meaning: str
    found: Dated | None

    @property
    def is_right(self) -> bool:
        """Whether date, bounds and end are exactly as they should be."""
        return self.found is not None and value(meant(self.found)) == value(self.meaning)

    @property
    def is_all_right(self) -> bool:
        """Whether it is also known to be approximate, or to belong to a thing."""
        return self.found is not None and meant(self.found) == self.meaning


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--failures", action="store_true", help="print every expression read wrongly")
    options.add_argument("--half", choices=HALVES, help="measure one half only")
    chosen = options.parse_args()
    for half in [chosen.half] if chosen.half else HALVES:
        show(half, measured(half), failures=chosen.failures)
    print(f"\n{seconds_of_a_million():.1f} s for a million characters")


def planted(half: str) -> Iterator[Planted]:
    """Read the texts of a half."""
    for line in (PLANTED / f"dates-{half}.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        published = Dates.parse(record["published"]) if record["published"] else None
        basis = Basis(record.get("basis", "stated" if published else "unknown"))
        not_before = date.fromisoformat(record["not_before"]) if "not_before" in record else None
        marked = list(_MARKED.finditer(record["text"]))
        starts = [match.start() - 2 * number for number, match in enumerate(marked)]
        spans = [(start, start + len(match[1])) for start, match in zip(starts, marked, strict=True)]
        yield Planted(
            record["kind"],
            _MARKED.sub(r"\1", record["text"]),
            Anchor(published, basis, not_before),
            dict(zip(spans, record["dates"], strict=True)),
        )


def measured(half: str) -> list[Outcome]:
    """Pair what is planted in a half with what is found; what is found twice, or where nothing is, counts as wrong."""
    outcomes = []
    for text in planted(half):
        found = dated(text.text, text.anchor)
        for (start, end), meaning in text.meanings.items():
            hit = next((each for each in found if each.start < end and start < each.end), None)
            outcomes.append(Outcome(text, meaning, hit))
            found = [each for each in found if each is not hit]
        outcomes += [Outcome(text, "", each) for each in found]
    return outcomes


def meant(found: Dated) -> str:
    """Write what was found as it is written in the planted texts."""
    when = found.when
    until = f"/{when.until}" if when.until else ""
    bounds = f" {when.not_before or ''}..{when.not_after or ''}" if when.not_before or when.not_after else ""
    marks = (" ~" if when.approximate else "") + (" thing" if found.modifies else "")
    return f"{when.dates or '-'}{until}{bounds}{marks}"


def value(meaning: str) -> str:
    return meaning.replace(" thing", "").replace(" ~", "")


@dataclass(frozen=True)
class Scores:
    """Precision, recall and F1 of values, and how many are expected."""

    precision: float
    recall: float
    expected: int

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / max(self.precision + self.recall, 1e-9)


def scores(outcomes: Sequence[Outcome]) -> Scores:
    """Score expressions found with exactly their value, as TempEval does."""
    right = sum(each.is_right for each in outcomes)
    found = sum(each.found is not None for each in outcomes)
    expected = sum(each.meaning != "" for each in outcomes)
    return Scores(right / max(found, 1), right / max(expected, 1), expected)


def show(half: str, outcomes: Sequence[Outcome], *, failures: bool) -> None:
    of_all = scores(outcomes)
    wholly = sum(each.is_all_right for each in outcomes) / of_all.expected
    print(f"\n{half}: {of_all.expected} expressions, {wholly:.3f} right in all marks too")
    print(f"{'all':16} precision {of_all.precision:.3f}  recall {of_all.recall:.3f}  F1 {of_all.f1:.3f}")
    for kind in dict.fromkeys(each.planted.kind for each in outcomes):
        of_kind = [each for each in outcomes if each.planted.kind == kind]
        print(f"  {kind:14} {sum(each.is_right for each in of_kind)}/{len(of_kind)}")
    for each in (each for each in outcomes if failures and not each.is_all_right):
        got = f"{each.found.when.expression!r}: {meant(each.found)}" if each.found else "nothing"
        print(f"\n{'mark' if each.is_right else 'value'} {each.planted.anchor.published} {each.planted.text}")
        print(f"   {each.meaning or 'no date'}; found {got}")


def seconds_of_a_million() -> float:
    """Time the reading of the articles in `seeds/articles`, as if they were a million characters."""
    texts = [file.read_text(encoding="utf-8") for file in sorted((ROOT / "seeds" / "articles").glob("*.md"))]
    anchor = Anchor(Dates.parse("2024-05-17"), Basis.STATED)
    begun = time.process_time()
    for text in texts:
        dated(text, anchor)
    return (time.process_time() - begun) * 1_000_000 / sum(map(len, texts))


if __name__ == "__main__":
    main()

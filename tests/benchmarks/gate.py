"""Measure the gate: `python -m tests.benchmarks.gate [--half HALF] [--failures]`.

`planted/gate-*.txt` hold invented articles: under `# outlet, day`, blocks of `> ` quotes, then `= ` honest claims about
them, each followed by what would make it false: `kind: these words → those`. A block may begin with `variants: a = b`,
spellings that the corpus has for one name. `tests/gate/mutations.py` alters the facts of every claim besides, and every
claim is also cited to the passages of other articles that are most like it.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.answer.wording import stated
from rag.gate.clauses import content_stems
from rag.gate.verify import verified
from rag.schema import Basis, Citation, Claim, Dates, Rejection, Source
from tests.gate.mutations import altered

PLANTED = Path(__file__).parent / "planted"
HALVES = ("dev", "held-out", "third-dev", "third-held-out")  # by article; rules were made on the "dev" ones
MISCITED = 3  # passages of other articles that each claim is cited to


@dataclass(frozen=True)
class Planted:
    """A claim with its quotes, the text of their article, and its altered forms, each with what was altered."""

    claim: Claim
    article: str
    variants: Mapping[str, Sequence[str]]
    altered: tuple[tuple[str, str], ...] = ()

    @property
    def checked(self) -> Claim | Rejection:
        """Put the claim to the gate."""
        return verified(self.claim, {self.claim.citations[0].source.document: self.article}, self.variants)


@dataclass(frozen=True)
class Outcome:
    """A claim, what was altered in it ("" in an honest one), and what the gate makes of it."""

    planted: Planted
    kind: str
    checked: Claim | Rejection

    @property
    def rejected(self) -> bool:
        return isinstance(self.checked, Rejection)

    @property
    def caught(self) -> bool:
        """Whether readers do not see what was altered: a speaker who was left out may also be put back."""
        shown = self.checked
        return isinstance(shown, Rejection) or (self.kind == "hedge" and stated(shown) != shown.text)

    @property
    def wrong(self) -> bool:
        return not self.caught if self.kind else self.rejected


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--failures", action="store_true", help="print every claim the gate is wrong about")
    options.add_argument("--half", choices=HALVES, help="measure one half only")
    chosen = options.parse_args()
    for half in [chosen.half] if chosen.half else HALVES:
        show(half, measured(half), failures=chosen.failures)


def planted(half: str) -> Iterator[Planted]:
    """Read the honest claims of a half."""
    for article in (PLANTED / f"gate-{half}.txt").read_text(encoding="utf-8").removeprefix("# ").split("\n# "):
        head, *blocks = article.strip().split("\n\n")
        publisher, _, day = head.rpartition(", ")
        source = Source(f"{publisher}.md", publisher=publisher, published=Dates.parse(day), basis=Basis.STATED)
        text = "\n\n".join(line[2:] for line in article.splitlines() if line.startswith("> "))
        for block in blocks:
            yield from _claims(block, source, text)


def _claims(block: str, source: Source, article: str) -> Iterator[Planted]:
    given, *claims = block.split("\n= ")
    quotes = [line[2:] for line in given.splitlines() if line.startswith("> ")]
    starts = [article.index(quote) for quote in quotes]
    citations = tuple(Citation(source, at, at + len(quote), quote) for at, quote in zip(starts, quotes, strict=True))
    variants = _variants(given.splitlines()[0])
    for text, *changes in map(str.splitlines, claims):
        yield Planted(Claim(text, citations), article, variants, tuple(_changed(text, change) for change in changes))


def _variants(line: str) -> dict[str, list[str]]:
    _, given, table = line.partition("variants: ")
    groups = [group.replace("=", " ").split() for group in table.split(",") if given]
    return {word.casefold(): [other for other in group if other != word] for group in groups for word in group}


def _changed(claim: str, change: str) -> tuple[str, str]:
    kind, _, edit = change.partition(": ")
    old, _, new = edit.partition(" →")
    if claim.count(old) != 1:
        raise ValueError(f"{old!r} is not in {claim!r} once")
    return kind, claim.replace(old, new.strip())


def measured(half: str) -> list[Outcome]:
    """Put each honest claim of a half and all its altered forms to the gate."""
    honest = list(planted(half))
    cases = [("", each) for each in honest]
    for each in honest:
        texts = dict.fromkeys((*each.altered, *altered(each.claim.text)))
        cases += [(kind, replace(each, claim=replace(each.claim, text=text))) for kind, text in texts]
        cases += [("citation", other) for other in _miscited(each, honest)]
    return [Outcome(case, kind, case.checked) for kind, case in cases]


def _miscited(case: Planted, cases: Sequence[Planted]) -> list[Planted]:
    """Cite a claim to the passages of other articles that share most words with it."""
    wanted = set(content_stems(case.claim.text))
    others = {other.claim.citations: other for other in cases if other.article != case.article}
    shared = {cited: len(wanted & {s for each in cited for s in content_stems(each.quote)}) for cited in others}
    nearest = sorted(others, key=shared.__getitem__, reverse=True)[:MISCITED]
    return [replace(others[cited], claim=Claim(case.claim.text, cited)) for cited in nearest]


def caught(outcomes: Sequence[Outcome], kind: str = "") -> float:
    """Compute the share of altered claims, all or those of a kind, that the gate catches."""
    of_kind = [outcome for outcome in outcomes if outcome.kind and kind in ("", outcome.kind)]
    return sum(outcome.caught for outcome in of_kind) / len(of_kind)


def refused(outcomes: Sequence[Outcome]) -> float:
    """Compute the share of honest claims that the gate rejects."""
    honest = [outcome for outcome in outcomes if not outcome.kind]
    return sum(outcome.rejected for outcome in honest) / len(honest)


def show(half: str, outcomes: Sequence[Outcome], *, failures: bool) -> None:
    counts = Counter(outcome.kind for outcome in outcomes)
    print(f"\n{half}: {counts.pop('')} honest claims, {refused(outcomes):.3f} of them rejected")
    print(f"{counts.total()} altered, {caught(outcomes):.3f} caught")
    for kind, count in sorted(counts.items()):
        print(f"  {kind:12} {count:4}  {caught(outcomes, kind):.3f}")
    for outcome in (each for each in outcomes if failures and each.wrong):
        reason = outcome.checked.reason if isinstance(outcome.checked, Rejection) else "passed"
        print(f"\n{outcome.kind or 'honest'}: {outcome.planted.claim.text}\n   {reason}")
        print("\n".join(f"   > {citation.quote}" for citation in outcome.planted.claim.citations))


if __name__ == "__main__":
    main()

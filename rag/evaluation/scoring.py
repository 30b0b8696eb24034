"""A case and the record of its answer in, its scores out, each from 0 to 1 but for lengths, times and costs. Pure.

There is no judge: words are looked for, and citations are held against the places that the case names. So the same
answers always score the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from statistics import fmean

from rag.evaluation.cases import Case, Place, Texts
from rag.records import Record

Places = tuple[tuple[Place, ...], ...]
_SAME = str.maketrans({**dict.fromkeys("‘’ʼ`´", "'"), **dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‐‑‒–—−", "-")})


class Ruling(StrEnum):
    """What became of a question."""

    RIGHT = "right"
    RIGHTLY_REFUSED = "rightly refused"
    WRONG = "wrong"
    WRONGLY_REFUSED = "wrongly refused"
    WRONGLY_ANSWERED = "answered though nothing answers it"
    FAILED = "failed"


class Loss(StrEnum):
    """The step that lost the answer."""

    NOT_RETRIEVED = "not retrieved"
    REJECTED = "used, but rejected by the gate"
    REFUSED = "wrong abstention"
    NOT_USED = "retrieved, but not used"
    WORDED_WRONGLY = "cited, but not what was asked"
    NOT_REFUSED = "should have abstained"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Metric:
    """One score: how it is named, and which direction is better (+1 up, -1 down, 0 neither)."""

    name: str
    label: str
    better: int = 1
    unit: str = ""  # of a value that is no share
    of_model: bool = False  # says nothing of a run without a model


METRICS = (
    Metric("right", "right, or rightly refused"),
    Metric("correct", "correct"),
    Metric("grounded", "grounded: correct and rightly cited"),
    Metric("abstention_recall", "unanswerable questions refused"),
    Metric("false_refusals", "answerable questions refused", better=-1),
    Metric("citation_precision", "citations that support"),
    Metric("citation_recall", "sentences that are supported"),
    Metric("hops_cited", "facts needed that are cited"),
    Metric("verbatim", "quotes that are verbatim"),
    Metric("hit_1", "a supporting passage first"),
    Metric("hit_3", "… among the first 3"),
    Metric("hit_5", "… among the first 5"),
    Metric("mrr", "mean reciprocal rank"),
    Metric("all_hops_5", "all facts needed in the first 5"),
    Metric("sides_cited", "disagreements with both sides cited"),
    Metric("conflicts_shown", "disagreements shown as such"),
    Metric("rejected", "claims that the gate dropped, a question", better=0, unit="claims", of_model=True),
    Metric("characters", "length of an answer", better=-1, unit="characters"),
    Metric("tokens", "tokens a question", better=-1, unit="tokens", of_model=True),
    Metric("cost_usd", "cost of a question", better=-1, unit="USD", of_model=True),
)


def ruling(case: Case, record: Record, places: Places) -> Ruling:
    """Judge an answer as a whole; `record` is empty if the question failed."""
    if not record:
        return Ruling.FAILED
    if record["abstained"]:
        return Ruling.RIGHTLY_REFUSED if case.either or not case.answerable else Ruling.WRONGLY_REFUSED
    if not case.answerable:
        return Ruling.WRONGLY_ANSWERED
    return Ruling.RIGHT if is_correct(case, record) and any(cited(record, places)) else Ruling.WRONG


def loss(case: Case, record: Record, places: Places) -> Loss | None:
    """Find the step that lost the answer, None if it was not lost."""
    verdict = ruling(case, record, places)
    if verdict in (Ruling.RIGHT, Ruling.RIGHTLY_REFUSED):
        return None
    if verdict is Ruling.FAILED:
        return Loss.ERROR
    if verdict is Ruling.WRONGLY_ANSWERED:
        return Loss.NOT_REFUSED
    if None in ranks(record, places):
        return Loss.NOT_RETRIEVED
    uncited = tuple(hop for hop, is_cited in zip(places, cited(record, places), strict=True) if not is_cited)
    if any(supporting(quote, uncited) for rejection in record["rejected"] for quote in rejection["quotes"]):
        return Loss.REJECTED
    if verdict is Ruling.WRONGLY_REFUSED:
        return Loss.REFUSED
    return Loss.NOT_USED if uncited else Loss.WORDED_WRONGLY


def scores(case: Case, record: Record, places: Places, texts: Texts) -> dict[str, float]:
    """Compute what applies to this case, by the names of METRICS. An abstention has no citations to score."""
    verdict = ruling(case, record, places)
    found = {"right": verdict in (Ruling.RIGHT, Ruling.RIGHTLY_REFUSED)}
    if case.answerable:
        rightly_refused = verdict is Ruling.RIGHTLY_REFUSED
        found["correct"] = rightly_refused or (bool(record) and is_correct(case, record))
        found["grounded"] = rightly_refused or verdict is Ruling.RIGHT
        if not case.either:
            found["false_refusals"] = verdict is Ruling.WRONGLY_REFUSED
    else:
        found["abstention_recall"] = verdict is Ruling.RIGHTLY_REFUSED
    numbers = {name: float(value) for name, value in found.items()}
    return numbers | (_of_answer(case, record, places, texts) | _of_retrieval(case, record, places) if record else {})


def _of_retrieval(case: Case, record: Record, places: Places) -> dict[str, float]:
    """Score the passages: whether the first of them have one hop, or all."""
    if not case.answerable:
        return {}
    found = ranks(record, places)
    best = min((rank for rank in found if rank is not None), default=None)
    hits = {f"hit_{k}": float(best is not None and best <= k) for k in (1, 3, 5)}
    return hits | {
        "mrr": 1 / best if best else 0.0,
        "all_hops_5": float(all(rank is not None and rank <= 5 for rank in found)),
    }


def _of_answer(case: Case, record: Record, places: Places, texts: Texts) -> dict[str, float]:
    usage = record["usage"]
    shared = {
        "rejected": float(len(record["rejected"])),
        "tokens": float(usage["input_tokens"] + usage["output_tokens"]),
        "cost_usd": float(usage["cost_usd"]),
    }
    if case.conflict:
        shared["sides_cited"] = float(all(cited(record, places)))
        shared["conflicts_shown"] = float(any(_shows(conflict, record, places) for conflict in record["conflicts"]))
    if record["abstained"]:
        return shared
    citations = record["citations"]
    shared["characters"] = float(len(record["answer"]))
    shared["verbatim"] = fmean(is_verbatim(citation, texts) for citation in citations)
    if case.answerable:
        numbers = {citation["number"] for citation in citations if supporting(citation, places)}
        shared["citation_precision"] = len(numbers) / len(citations)
        shared["citation_recall"] = fmean(not numbers.isdisjoint(claim["citations"]) for claim in record["claims"])
        shared["hops_cited"] = fmean(cited(record, places))
    return shared


def _shows(conflict: Record, record: Record, places: Places) -> bool:
    """Tell whether two positions of a conflict rest on two sides of the case."""
    citations = {citation["number"]: citation for citation in record["citations"]}
    positions = [[citations[number] for number in position["citations"]] for position in conflict["positions"]]
    sides = [
        {side for side, hop in enumerate(places) if any(supporting(citation, (hop,)) for citation in position)}
        for position in positions
    ]
    return any(len(one | other) > 1 for one, other in combinations(filter(None, sides), 2))


def is_correct(case: Case, record: Record) -> bool:
    """Tell whether the sentences of an answer say all they must, and nothing they must not."""
    if record["abstained"]:
        return False
    text = folded(" ".join(claim["text"] for claim in record["claims"]))  # neither markers nor the question's echo
    met = all(any(says(text, answer) for answer in alternatives) for alternatives in case.answers)
    return met and not any(says(text, wrong) for wrong in case.wrong)


def says(text: str, wanted: str) -> bool:
    """Tell whether words stand in a folded text: from the beginning of a word on, and a number as a whole."""
    wanted = folded(wanted)
    before = r"(?<!\w)(?<!\d[.,])" if wanted[:1].isdigit() else r"(?<!\w)" if wanted[:1].isalnum() else ""
    after = r"(?!\d)(?![.,]\d)" if wanted[-1:].isdigit() else ""
    return re.search(before + re.escape(wanted) + after, text) is not None


def folded(text: str) -> str:
    """Write a text as it is compared: without case, accents, kinds of quotation marks and dashes, or extra space."""
    plain = unicodedata.normalize("NFKD", text.translate(_SAME)).casefold()
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


def supporting(quote: Record, places: Places) -> bool:
    """Tell whether a citation, or a passage, has what one of the hops rests on."""
    return any(place.meets(quote["document"], quote["start"], quote["end"]) for hop in places for place in hop)


def cited(record: Record, places: Places) -> list[bool]:
    """Tell of each hop whether the answer cites it."""
    return [any(supporting(citation, (hop,)) for citation in record["citations"]) for hop in places]


def ranks(record: Record, places: Places) -> list[int | None]:
    """Find the rank of the first passage that has each hop."""
    return [
        next((passage["rank"] for passage in record["passages"] if supporting(passage, (hop,))), None) for hop in places
    ]


def is_verbatim(citation: Record, texts: Mapping[str, str]) -> bool:
    """Tell whether a quote is what the article says at that place."""
    return bool(texts.get(citation["document"], "")[citation["start"] : citation["end"]] == citation["quote"])

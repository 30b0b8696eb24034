"""A report in, one self-contained HTML page out, which needs no network, and no script to be read.

What a report holds was written by others. All of it is escaped, and the page's policy lets it load nothing and run
nothing but its own script.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from rag.answer.wording import outlet_and_date
from rag.evaluation.cases import Place, Span
from rag.evaluation.report import RIGHT
from rag.evaluation.scoring import METRICS, Loss, Metric, Places, supporting
from rag.evaluation.statistics import ENOUGH
from rag.evaluation.wording import BY_NAME, MEANING, applies, change, draft_line, figure, headline, judgement, notes
from rag.records import Record, citation_of

TILES = ("grounded", "correct", "abstention_recall", "false_refusals", "verbatim")
FILTERS = {"since": "published since", "until": "published until", "as_of": "as of", "outlet": "only from"}
COLOURS = {loss.value: number for number, loss in enumerate(Loss, start=1)}
_MARKER = re.compile(r"\[(\d{1,3})\]")


def html(report: Record) -> str:
    """Write a report as a page that needs no network."""
    return template().render(view(report))


@cache
def template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": percent, "policy_digest": policy_digest, "draft_line": draft_line}
    return environment.get_template("page.html.jinja")


def visible(value: object) -> object:
    """Replace what HTML cannot hold, such as the null character."""
    if type(value) is not str:  # markup is the template's own
        return value
    return "".join("\ufffd" if unicodedata.category(each) == "Cc" and each not in "\n\t" else each for each in value)


def percent(share: float) -> str:
    return f"{100 * share:.0f}\u202f%"


def policy_digest(script: str) -> str:
    """Name a script as a Content-Security-Policy does that allows it (W3C, Content Security Policy Level 3)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def view(report: Record) -> Record:
    """Work out all that the template shows."""
    run, baseline = report["run"], report["baseline"]
    found, moved = scores(report), moves(report)
    cases = [case_view(number, case, moved) for number, case in enumerate(report["cases"], start=1)]
    return {
        "report": report,
        "run": run,
        "when": datetime.fromisoformat(run["when"]),
        "headline": headline(report),
        "notes": notes(report),
        "right": sum(case["right"] for case in cases),
        "tiles": sorted((each for each in found if each.name in TILES), key=lambda each: TILES.index(each.name)),
        "scores": found,
        "types": types(report),
        "enough": ENOUGH,
        "earlier": baseline and headline({"run": baseline["run"]}),
        "changes": {way: [case for case in cases if case["moved"] == way] for way in ("better", "worse")},
        "differing": differing(run, baseline["run"]) if baseline else [],
        "losses": [loss_view(step, number, cases) for step, number in report["losses"].items()],
        "plot": plot(report["curve"], report["threshold"]),
        "choices": choices(report["curve"]),
        "operating": operating_point(report["cases"]),
        "slowest": max((times["p95"] for times in report["latency_ms"].values()), default=0),
        "judge": report.get("judge"),
        "cases": cases,
        "anchors": {case["id"]: case["anchor"] for case in cases},
        "made_with": made_with(run),
    }


@dataclass(frozen=True, slots=True)
class Bar:
    """A share with its interval, and where it stood before, in percent of a bar's length."""

    value: float
    low: float
    high: float
    before: float | None


@dataclass(frozen=True, slots=True)
class Score:
    """A metric as people read it; `tone` is `better` or `worse` if it has clearly changed. Only shares have a bar."""

    name: str
    label: str
    value: str
    low: str
    high: str
    n: int
    change: str
    tone: str
    bar: Bar | None


def scores(report: Record) -> list[Score]:
    """Read out the metrics that say anything of this run."""
    changes = (report["baseline"] or {}).get("scores", {})
    return [
        score_view(metric.label, metric, report["scores"][metric.name], changes.get(metric.name))
        for metric in METRICS
        if applies(metric, report)
    ]


def types(report: Record) -> list[Score]:
    """Read out the share that is right of each type of question, the lowest first."""
    changes = (report["baseline"] or {}).get("types", {})
    ordered = sorted(report["types"].items(), key=lambda each: (each[1]["right"]["value"], each[0]))
    right = BY_NAME["right"]
    return [score_view(name, right, found["right"], changes.get(name, {}).get("right")) for name, found in ordered]


def score_view(label: str, metric: Metric, estimate: Record, difference: Record | None) -> Score:
    value, low, high = (figure(estimate[each], metric) for each in ("value", "low", "high"))
    tone = judgement(difference, metric).strip() if difference else ""
    return Score(
        metric.name,
        label,
        value,
        low,
        high,
        estimate["n"],
        change(difference, metric),
        tone if tone in ("better", "worse") else "",
        None if metric.unit else bar(estimate, difference),
    )


def bar(estimate: Record, difference: Record | None) -> Bar:
    """Place a share on a bar. What it was before is known if both runs asked the same questions."""
    value, low, high = (round(100 * estimate[each], 2) for each in ("value", "low", "high"))
    if difference is None or difference["n"] != estimate["n"]:
        return Bar(value, low, high, None)
    return Bar(value, low, high, round(value - 100 * difference["value"], 2))


def moves(report: Record) -> dict[str, str]:
    """Name the cases that became `better` or `worse`."""
    baseline = report["baseline"] or {}
    return {identity: way for way in ("better", "worse") for identity in baseline.get(way, ())}


def loss_view(step: str, number: int, cases: Sequence[Record]) -> Record:
    lost = [case for case in cases if case["lost_at"] == step]
    colour = COLOURS[step]
    return {"step": step, "number": number, "meaning": MEANING[Loss(step)], "colour": colour, "cases": lost}


def made_with(run: Record) -> dict[str, str]:
    """List what shaped a run, by names that people can read."""
    found = {
        **run["versions"],
        "articles": run["corpus"]["articles"],
        "passages": run["corpus"]["passages"],
        "digest of the articles": run["corpus"]["digest"],
        "files of questions": ", ".join(run["questions"]["files"]),
        "questions": run["questions"]["cases"],
        "digest of the questions": run["questions"]["digest"],
        **run["settings"],
    }
    return {name.replace("_", " "): str(value) for name, value in found.items()}


def differing(run: Record, earlier: Record) -> list[tuple[str, str, str]]:
    """List what shaped two runs differently: its name, what it is now, and what it was."""
    now, before = made_with(run), made_with(earlier)
    pairs = [(name, now.get(name, "none"), before.get(name, "none")) for name in now | before]
    return [pair for pair in pairs if pair[1] != pair[2]]


@dataclass(frozen=True, slots=True)
class Frame:
    """The axes of a plot within its drawing, in pixels; risk reaches up to `top_risk`."""

    top_risk: float
    width: int = 480
    height: int = 300
    left: int = 64
    right: int = 454
    top: int = 14
    bottom: int = 252

    def x(self, coverage: float) -> float:
        return round(self.left + coverage * (self.right - self.left), 1)

    def y(self, risk: float) -> float:
        return round(self.bottom - risk / self.top_risk * (self.bottom - self.top), 1)


@dataclass(frozen=True, slots=True)
class Plot:
    """The risk-coverage curve as drawn; `now` is the point of the present threshold, None if it answers nothing."""

    frame: Frame
    line: str  # the points of an SVG polyline
    across: tuple[float, ...]  # coverages that the axis names
    up: tuple[float, ...]  # risks that the axis names
    never: float  # the risk if no answer was ever withheld
    now: Record | None


def plot(curve: Sequence[Record], threshold: float | None) -> Plot | None:
    """Draw a curve; None without one."""
    if not curve or threshold is None:
        return None
    tenths = max(1, math.ceil(max(point["risk"] for point in curve) * 10 - 1e-9))
    frame = Frame(tenths / 10)
    return Plot(
        frame,
        " ".join(f"{frame.x(point['coverage'])},{frame.y(point['risk'])}" for point in curve),
        tuple(each / 5 for each in range(6)),
        tuple(each / 10 for each in range(0, tenths + 1, 1 if tenths <= 5 else 2)),
        curve[-1]["risk"],
        next((point for point in reversed(curve) if point["threshold"] >= threshold), None),
    )


def choices(curve: Sequence[Record]) -> list[Record]:
    """Choose about ten points of a curve: the first that answers a tenth of the questions, two tenths, and so on."""
    chosen: list[Record] = []
    for tenth in range(1, 11):
        point = next((point for point in curve if point["coverage"] >= tenth / 10), None)
        if point and point not in chosen:
            chosen.append(point)
    return chosen


def operating_point(cases: Sequence[Record]) -> Record | None:
    """Say which share of the questions was answered, and which share of these answers is wrong; None if none was."""
    asked = [case for case in cases if case["record"]]
    answered = [case for case in asked if not case["record"]["abstained"]]
    if not answered:
        return None
    wrong = sum(case["ruling"] not in RIGHT for case in answered)
    return {"coverage": len(answered) / len(asked), "risk": wrong / len(answered)}


def case_view(number: int, case: Record, moved: Mapping[str, str]) -> Record:
    """Add to a case what the page links and marks."""
    record, places = case["record"] or {}, places_in(case)
    return case | {
        "anchor": f"case-{number}",
        "right": case["ruling"] in RIGHT,
        "moved": moved.get(case["id"], ""),
        "filters": {label: shown_filter(case[name]) for name, label in FILTERS.items() if case[name]},
        "facts": facts(case),
        "pieces": pieces(record),
        "citations": [citation_view(citation, places) for citation in record.get("citations", ())],
        "rejected": [rejection_view(rejection, places) for rejection in record.get("rejected", ())],
        "passages": [passage_view(passage, case, places) for passage in record.get("passages", ())],
    }


def shown_filter(value: str | Sequence[str]) -> str:
    return value if isinstance(value, str) else " or ".join(value)


def facts(case: Record) -> list[Record]:
    """List the facts that an answer needs: the spans, any of which proves it, its passage's rank, whether cited."""
    support = case["expected"]["support"]
    ranks, cited = (case[name] or [None] * len(support) for name in ("ranks", "cited"))
    return [
        {"spans": spans, "rank": rank, "cited": bool(is_cited)}
        for spans, rank, is_cited in zip(support, ranks, cited, strict=True)
    ]


def places_in(case: Record) -> Places:
    """Find in the passages what each fact rests on, by the characters of the articles, which a report does not have."""
    passages = case["record"]["passages"] if case["record"] else []
    return tuple(
        tuple(place for span in spans for passage in passages for place in places_of(span, passage))
        for spans in case["expected"]["support"]
    )


def places_of(span: Record, passage: Record) -> Iterator[Place]:
    """Yield each place of a span in a passage."""
    if span["document"] == passage["document"]:
        for place in Span(span["document"], span["span"]).places(passage["text"]):
            yield Place(place.document, place.start + passage["start"], place.end + passage["start"])


def numbered(quote: Record, places: Places) -> list[int]:
    """Number the facts that a citation or a passage has, from 1."""
    return [number for number, fact in enumerate(places, start=1) if supporting(quote, (fact,))]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an answer; one that is the marker of a citation has its number."""

    text: str
    citation: int | None = None


def pieces(record: Record) -> list[Piece]:
    """Cut an answer at the markers of its citations; any other number in brackets is text."""
    text, numbers, cut, end = record.get("answer", ""), known_numbers(record), [], 0
    for marker in _MARKER.finditer(text):
        if int(marker[1]) in numbers:
            cut += [Piece(text[end : marker.start()]), Piece(marker[0], int(marker[1]))]
            end = marker.end()
    return [piece for piece in (*cut, Piece(text[end:])) if piece.text]


def known_numbers(record: Record) -> set[int]:
    return {citation["number"] for citation in record.get("citations", ())}


def citation_view(citation: Record, places: Places) -> Record:
    source = outlet_and_date(citation_of(citation).source)
    return citation | {"source": source, "link": link(citation["url"]), "facts": numbered(citation, places)}


def rejection_view(rejection: Record, places: Places) -> Record:
    quotes = [quote | {"facts": numbered(quote, places)} for quote in rejection["quotes"]]
    return rejection | {"quotes": quotes}


def link(url: str | None) -> str:
    """Return an address that is safe to follow, empty for any other."""
    return url if url and re.match(r"https?://", url, re.IGNORECASE) else ""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a passage: whether a right answer needs it, and whether the answer cites it."""

    text: str
    needed: bool
    cited: bool


def passage_view(passage: Record, case: Record, places: Places) -> Record:
    """Add to a passage the facts that it has, and its text in stretches."""
    first = {number for number, rank in enumerate(case["ranks"], start=1) if rank == passage["rank"]}
    cited = [citation for citation in case["record"]["citations"] if citation["document"] == passage["document"]]
    needed = [place for fact in places for place in fact if place.document == passage["document"]]
    return passage | {
        "facts": sorted(first.union(numbered(passage, places))),
        "stretches": stretches(
            passage["text"],
            [(place.start - passage["start"], place.end - passage["start"]) for place in needed],
            [(quote["start"] - passage["start"], quote["end"] - passage["start"]) for quote in cited],
        ),
    }


def stretches(text: str, needed: Sequence[tuple[int, int]], cited: Sequence[tuple[int, int]]) -> list[Stretch]:
    """Cut a text wherever something needed or cited begins or ends, which may be outside of it, too."""
    edges = {edge for place in (*needed, *cited) for edge in place if 0 < edge < len(text)}
    return [
        Stretch(text[start:end], covered(start, end, needed), covered(start, end, cited))
        for start, end in pairwise(sorted({0, len(text)} | edges))
    ]


def covered(start: int, end: int, places: Sequence[tuple[int, int]]) -> bool:
    return any(first <= start and end <= last for first, last in places)

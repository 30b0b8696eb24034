"""An evaluation in, the cards that show how it goes and what came of it out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.baseline import went_well
from bot.card import Attachment, Block, Button, Card, Colour, Text, note
from bot.markdown import fitting, line
from bot.render import short
from rag.answer.wording import counted
from rag.evaluation.scoring import Metric
from rag.evaluation.wording import BY_NAME, change, figure, headline, interval, notes
from rag.records import Record

MAIN = (
    "right", "grounded", "abstention_recall", "false_refusals", "citation_precision", "verbatim", "hit_5",
    "conflicts_shown",
)  # fmt: skip
BAR = 20  # characters; a phone shows twice as many in a line
CASES_SHOWN = 8
NOTE_LIMIT = 300  # characters
LEGEND = "-# Under each score: its 95 % interval, and the number of questions n."
FILE = "evaluation.html"
FILE_LIMIT = 10 * 2**20  # bytes; Discord, of one file without a boosted server
START, STOP = Button("evaluation", "start", "Start"), Button("evaluation", "stop", "Stop")


def offer_card(questions: int, model: str, before: Record | None) -> Card:
    """Say what an evaluation would ask of whom, and what the last one cost, before it begins."""
    texts = [f"**{counted(questions, 'question')}** will be sent to **{line(model)}**, which may cost money."]
    if before and before["usage"]["input_tokens"] and before["run"]["versions"]["model"] == model:
        texts.append(f"-# The last time, {counted(before['run']['asked'], 'question')} took {spent(before['usage'])}.")
    return note("\n".join(texts)).with_buttons([START])


def spent(usage: Record) -> str:
    """Write what a model was given and paid."""
    tokens = f"{usage['input_tokens'] + usage['output_tokens']:,} tokens"
    return tokens + (f", ${usage['cost_usd']:.2f}" if usage["cost_usd"] else "")


def progress_card(done: int, found: int, right: int) -> Card:
    """Say how far an evaluation has come."""
    return note(f"**Evaluating** {done} of {found}\n`{bar(done, found)}`\n{so_far(done, right)}").with_buttons([STOP])


def bar(done: int, found: int) -> str:
    full = BAR * done // max(1, found)
    return "█" * full + "░" * (BAR - full)


def so_far(done: int, right: int) -> str:
    return f"**{right}** right so far" if done else "-# The first question is being asked."


def stopped_card(done: int, found: int, right: int) -> Card:
    """Say that an evaluation ended with the bot."""
    far = f" after {done} of {counted(found, 'question')}, {right} of them right" if done else ""
    return note(f"I was restarted during the evaluation{far}. Use /evaluate again for the scores.", Colour.PROBLEM)


def score_card(report: Record, page: str) -> Card:
    """Show the scoreboard of a report, with its page as a file."""
    fits = len(page.encode("utf-8", "replace")) <= FILE_LIMIT
    remarks = [*notes(report), *([] if fits else ["The page is too large for Discord: `dateline evaluate --html`."])]
    texts = (
        Text(Block.HEADING, f"### Evaluation\n{short(headline(report), NOTE_LIMIT)}\n{LEGEND}"),
        Text(Block.NOTE, "\n".join(short(remark, NOTE_LIMIT) for remark in remarks)),
        Text(Block.CLAIMS, "\n".join(scores(report))),
        Text(Block.SOURCES, "\n".join(losses(report))),
        Text(Block.SOURCES, "\n".join(changes(report))),
    )
    return Card(
        tuple(text for text in texts if text.markdown),
        Colour.ANSWERED if went_well(report) else Colour.PARTLY,
        attachment=Attachment(FILE, page) if fits else None,
    )


def scores(report: Record) -> Iterator[str]:
    """Write each main score with its interval, its number of cases, and its change."""
    moved = (report["baseline"] or {}).get("scores", {})
    for name in MAIN:
        if score := report["scores"].get(name):
            metric = BY_NAME[name]
            yield f"**{figure(score['value'], metric)}** {metric.label.replace('…', 'a supporting passage')}"
            among = f"{interval(score, metric)}  ·  n {score['n']}"
            yield f"-# {'  ·  '.join(filter(None, (among, changed(moved.get(name), metric))))}"
    if times := report["latency_ms"].get("total"):
        yield f"**{times['p50']:.0f} ms** an answer, median"
        yield f"-# 95 % within {times['p95']:.0f} ms"
    if report["usage"]["input_tokens"]:
        yield f"**{spent(report['usage'])}** in all"


def changed(difference: Record | None, metric: Metric) -> str:
    """Write the change of a score, boldly if it means anything."""
    words = change(difference, metric).replace("=", "unchanged")
    return f"**{words}**" if difference and difference["clear"] else words


def losses(report: Record) -> Iterator[str]:
    """Write how many questions each step lost."""
    if report["losses"]:
        yield f"**{sum(report['losses'].values())} lost**"
        yield from (f"-# {number} {step}" for step, number in report["losses"].items())


def changes(report: Record) -> Iterator[str]:
    """Write with what the report is compared, what is different about that run, and what became better or worse."""
    baseline = report["baseline"]
    if not baseline or not baseline["cases"]:
        return
    when = int(datetime.fromisoformat(baseline["run"]["when"]).timestamp())
    before = shaping(baseline["run"])
    different = [what for what, version in shaping(report["run"]).items() if version != before[what]]
    yield f"**Against the run of <t:{when}:f>** on {counted(baseline['cases'], 'question')}"
    yield f"-# different since: {', '.join(different) or 'nothing'}"
    for what in ("better", "worse"):
        if identities := baseline[what]:
            more = len(identities) - CASES_SHOWN
            shown = fitting(", ".join(identities[:CASES_SHOWN]), NOTE_LIMIT) + (f" and {more} more" if more > 0 else "")
            yield f"{what}: {shown}"


def shaping(run: Record) -> dict[str, object]:
    """Name the versions of what shapes the scores of a run."""
    versions = run["versions"]
    return {
        "the code": versions["code"],
        "the model": versions.get("model"),
        "the prompts": {name: version for name, version in versions.items() if name.startswith("prompts/")},
        "the embedding model": versions["embedding_model"],
        "the articles": run["corpus"]["digest"],
        "the questions": run["questions"]["digest"],
    }

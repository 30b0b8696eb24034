"""Figures of a report in, how people read them out: the same in the terminal, on the page and in Discord."""

from __future__ import annotations

from rag.answer.wording import counted
from rag.evaluation.scoring import METRICS, Loss, Metric
from rag.evaluation.statistics import ENOUGH
from rag.records import Record

BY_NAME = {metric.name: metric for metric in METRICS}

MEANING = {
    Loss.NOT_RETRIEVED: "A passage that the answer needs is not among those found."
    " Look at retrieval, and at how the question was understood.",
    Loss.REJECTED: "A claim had a quote that proves what was asked, but the gate dropped it."
    " Either it said more than its quote, or the gate is too strict.",
    Loss.REFUSED: "The passages needed were there, and nothing was answered. The decision to answer was too careful.",
    Loss.NOT_USED: "The passages needed were there, but the answer does not cite all that it rests on."
    " Look at what was chosen from them.",
    Loss.WORDED_WRONGLY: "All that is needed is cited, but the answer lacks words that it must have, or has wrong ones."
    " Look at the wording, or at whether the case is too narrow.",
    Loss.NOT_REFUSED: "The articles do not answer the question, and it was answered."
    " The decision to answer was too daring.",
    Loss.ERROR: "The question failed, and there is no answer.",
}


def figure(value: float, metric: Metric) -> str:
    """Write a value: a share as `.84`, a length as `313`, a cost with its cents."""
    if metric.unit == "USD":
        return f"${value:.4f}"
    if metric.unit:
        return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2f}"
    return share(value)


def share(value: float) -> str:
    """Write a share, or another number near 1: `.84`, `1.00`, `-.05`."""
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.2f}"


def interval(estimate: Record, metric: Metric) -> str:
    """Write the bounds of an estimate: `.81 to .87`."""
    return f"{figure(estimate['low'], metric)} to {figure(estimate['high'], metric)}"


def applies(metric: Metric, report: Record) -> bool:
    """Tell whether a score says anything of a run: tokens and costs do not without a model."""
    return metric.name in report["scores"] and (not metric.of_model or "model" in report["run"]["versions"])


def change(difference: Record | None, metric: Metric) -> str:
    """Write how a score has changed, and whether that means anything: `+.03 better`, `-.01`, `+.10 (n < 15)`."""
    if difference is None:
        return ""
    value = difference["value"]
    if figure(abs(value), metric) == figure(0, metric):
        return "="
    sign = "+" if value > 0 else "-"
    return f"{sign}{figure(abs(value), metric)}{judgement(difference, metric)}"


def judgement(difference: Record, metric: Metric) -> str:
    """Say of a change whether it is clear, and whether for the better; nothing if it may be chance."""
    if difference["n"] < ENOUGH:
        return f" (n < {ENOUGH})"
    if not difference["clear"] or not metric.better:
        return ""
    return " better" if difference["value"] * metric.better > 0 else " worse"


def headline(report: Record) -> str:
    """Say in a line what was run."""
    run = report["run"]
    versions, corpus = run["versions"], run["corpus"]
    words = versions.get("model") or "without a model"
    asked = "" if run["complete"] else f"{run['asked']} of "
    questions, articles = counted(run["questions"]["cases"], "question"), counted(corpus["articles"], "article")
    return f"{asked}{questions}, {words}, {articles}, {run['seconds']:.1f} s"


def notes(report: Record) -> list[str]:
    """List what a reader must know before believing the figures."""
    run, found = report["run"], []
    if not run["complete"]:
        found.append(f"{run['stopped']} These are the scores of {counted(run['asked'], 'question')}.")
    if failed := [case for case in report["cases"] if case["error"]]:
        found.append(f"{len(failed)} failed and count as wrong, the first: {failed[0]['id']}: {failed[0]['error']}")
    if report["without_model"]:
        found.append(f"The model failed. {counted(report['without_model'], 'question')} answered without it.")
    if drafts := report["drafts"]:
        found.append(f"Not scored: {counted(len(drafts), 'draft')}. Say what is right, and it counts.")
    baseline = report["baseline"]
    if baseline and baseline["left_out"]:
        found.append(f"Not compared: {counted(baseline['left_out'], 'question')}, new or changed.")
    return found


def draft_line(draft: Record) -> str:
    """Say what has become of a draft."""
    if draft["error"]:
        return f"failed: {draft['error']}"
    if draft["complaint"] is None:
        return "nobody has said yet what is right"
    if draft["as_before"]:
        return "answered as when it was complained of"
    return "abstains now" if draft["abstained"] else "answered otherwise now; say what is right, and it counts"


def judge_line(judge: Record) -> str:
    """Say how far a judge agrees with the scores, and how much it has left out."""
    agreement = judge["agreement"]
    said = [f"Not judged: {counted(judge['not_judged'], 'answer')}."] if judge["not_judged"] else []
    if agreement["n"]:
        beyond = "" if agreement["kappa"] is None else f", {share(agreement['kappa'])} beyond chance (Cohen's kappa)"
        said.insert(0, f"It agrees with “grounded” on {share(agreement['share'])} of {agreement['n']} answers{beyond}.")
    return " ".join([*said, *filter(None, [judge["stopped"]])])

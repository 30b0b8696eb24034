"""Answered cases in, what a model thinks of them out: do the quotes bear out the claims, is all there that was asked?

This is reported apart from the scores and changes none of them. How far it agrees with them is part of the report: a
judge that nobody has checked proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from statistics import fmean

from rag.answer.chat_model import ChatModel, Message, open_model
from rag.answer.keys import fenced, keyed_by, new_key
from rag.answer.objects import ObjectReader
from rag.answer.prompts import Prompt, load_prompt
from rag.answer.wording import outlet_and_date
from rag.errors import DatelineError
from rag.evaluation.run import Advance
from rag.evaluation.statistics import estimate
from rag.evaluation.turns import GIVING_UP, in_turn
from rag.records import Record, citation_of
from rag.schema import Usage
from rag.settings import Settings

COMPLETENESS = {"yes": 1.0, "partly": 0.5, "no": 0.0}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge thinks of one answer. `completeness` is unknown where nothing could have been answered."""

    faithfulness: float  # the share of the claims that their quotes bear out
    completeness: float | None
    reason: str


@dataclass
class Judging:
    """Answered cases and what has come out so far; `stopped` says why it ended before its end."""

    cases: Sequence[Record]
    model: str
    judgements: dict[str, Judgement] = field(default_factory=dict)
    usages: list[Usage] = field(default_factory=list)
    stopped: str = ""


def answered(cases: Sequence[Record]) -> list[Record]:
    """Leave out what failed and what was refused: there is nothing to judge."""
    return [case for case in cases if case["record"] and not case["record"]["abstained"]]


async def judge_all(judging: Judging, settings: Settings, advance: Advance) -> None:
    """Ask the judge about each case, several at a time, and put what comes out into `judging`.

    A reply that is not in the form asked for leaves its case not judged. When the judge fails several times in a row,
    the rest is not judged.
    """
    judges = settings.model_copy(update={"openai_model": judging.model})
    chat_model, done = open_model(judges), 0
    judge = Judge(chat_model)

    async def work(case: Record) -> str:
        nonlocal done
        failure = ""
        try:
            judgement, usage = await judge.judge(case)
        except DatelineError as error:
            failure = str(error)
        else:
            judging.usages.append(usage)
            judging.judgements |= {case["id"]: judgement} if judgement else {}
        done += 1
        advance(done, len(judging.cases))
        return failure

    try:
        if why := await in_turn(judging.cases, work):
            judging.stopped = f"The judge failed {GIVING_UP} times in a row. {why}"
    finally:
        await chat_model.aclose()


class Judge:
    """Has a model judge answers; `new_key` makes the keys between which it is shown what others wrote."""

    def __init__(self, model: ChatModel, new_key: Callable[[], str] = new_key) -> None:
        self._model = model
        self._new_key = new_key
        self._rules = rules()

    async def judge(self, case: Record) -> tuple[Judgement | None, Usage]:
        """Judge one answer; None if the reply is not in the form asked for. Raises ModelError or SettingsError."""
        claims = keyed_by(self._new_key, case["record"]["claims"])
        messages = [Message("system", self._rules.text), Message("user", shown(case, claims, self._new_key()))]
        text, usage = "", Usage()
        async with aclosing(
            self._model.reply(messages, lambda text: judgement_in(text, case, claims) is not None)
        ) as parts:
            async for part in parts:
                if isinstance(part, Usage):
                    usage = part
                else:
                    text += part
        return judgement_in(text, case, claims), usage


def rules() -> Prompt:
    """Load what the judge is told."""
    return load_prompt("judge.md", ())


def shown(case: Record, claims: Mapping[str, Record], key: str) -> str:
    """Write out a case for the judge, each thing that others wrote between two lines that have a key."""
    quotes = {citation["number"]: _sourced(citation) for citation in case["record"]["citations"]}
    blocks = [
        *(fenced(f"conversation: {turn['role']}", key, turn["content"]) for turn in case["history"]),
        fenced("question", key, case["question"]),
        *_expected(case["expected"], key),
        fenced("answer", key, case["record"]["answer"]),
    ]
    for claim_key, claim in claims.items():
        blocks.append(fenced("claim", claim_key, claim["text"]))
        blocks += [fenced("quote", claim_key, quotes[number]) for number in claim["citations"]]
    return "\n\n".join(blocks)


def _sourced(citation: Record) -> str:
    """Write out a quote with its source, which a claim may name."""
    source = citation_of(citation).source
    return f"({outlet_and_date(source)}: {source.title})\n{citation['quote']}"


def _expected(expected: Record, key: str) -> Iterator[str]:
    if not expected["answerable"]:
        yield "The articles do not answer this question."
        return
    yield fenced("right answer", key, "\n".join(" / ".join(wordings) for wordings in expected["answers"]))
    for hop in expected["support"]:
        yield from (fenced("sentence it rests on", key, span["span"]) for span in hop)


def judgement_in(reply: str, case: Record, claims: Mapping[str, Record]) -> Judgement | None:
    """Read a reply: None unless it rules once on each claim, and once on the whole."""
    objects = list(ObjectReader().feed(reply))
    ruled = [(each["claim"], each.get("supported")) for each in objects if "claim" in each]
    whole = [each["complete"] for each in objects if "complete" in each]
    if sorted(str(key) for key, _ in ruled) != sorted(claims) or not all(isinstance(ok, bool) for _, ok in ruled):
        return None
    if len(whole) != 1 or not isinstance(whole[0], str) or whole[0] not in COMPLETENESS:
        return None
    return Judgement(
        faithfulness=fmean(ok is True for _, ok in ruled),
        completeness=COMPLETENESS[whole[0]] if case["expected"]["answerable"] else None,
        reason=" ".join(_reasons(objects)),
    )


def _reasons(objects: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Yield the reasons of what was found wanting, then that of the whole."""
    for each in objects:
        reason = each.get("reason")
        if isinstance(reason, str) and each.get("supported") is not True:
            yield reason.strip()


def judge_report(judging: Judging, settings: Settings) -> Record:
    """Report what the judge thinks, in the order of the cases."""
    found = {case["id"]: judging.judgements[case["id"]] for case in judging.cases if case["id"] in judging.judgements}
    return {
        "model": judging.model,
        "prompt": rules().digest,
        "judged": len(found),
        "not_judged": len(judging.cases) - len(found),
        "stopped": judging.stopped or None,
        "faithfulness": _estimated([each.faithfulness for each in found.values()]),
        "completeness": _estimated([each.completeness for each in found.values() if each.completeness is not None]),
        "agreement": agreement(judging.cases, found),
        "usage": _usage(judging, settings),
        "cases": {identity: asdict(judgement) for identity, judgement in found.items()},
    }


def agreement(cases: Sequence[Record], judgements: Mapping[str, Judgement]) -> Record:
    """Hold the judge against the scores: it finds an answer right that is complete and wholly borne out."""
    pairs = {
        case["id"]: (_is_right(judgements[case["id"]]), case["scores"]["grounded"] == 1)
        for case in cases
        if case["id"] in judgements and "grounded" in case["scores"]
    }
    return {
        "n": len(pairs),
        "share": fmean(judge == score for judge, score in pairs.values()) if pairs else None,
        "kappa": kappa(list(pairs.values())),
        "statistic": "Cohen's kappa (Cohen 1960)",
        "right_by_judge_only": [identity for identity, pair in pairs.items() if pair == (True, False)],
        "right_by_scores_only": [identity for identity, pair in pairs.items() if pair == (False, True)],
    }


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """Compute agreement beyond chance, Cohen's kappa (Cohen 1960); None where chance alone would make it perfect."""
    if not pairs:
        return None
    one, other = fmean(pair[0] for pair in pairs), fmean(pair[1] for pair in pairs)
    by_chance = one * other + (1 - one) * (1 - other)
    return None if by_chance == 1 else (fmean(a == b for a, b in pairs) - by_chance) / (1 - by_chance)


def _is_right(judgement: Judgement) -> bool:
    return judgement.faithfulness == judgement.completeness == 1


def _estimated(values: Sequence[float]) -> Record | None:
    return asdict(estimate(values)) if values else None


def _usage(judging: Judging, settings: Settings) -> Record:
    """Add up what the judge was paid; the prices that are set are those of OPENAI_MODEL, and say nothing of others."""
    cost = sum(usage.cost_usd for usage in judging.usages)
    return {
        "input_tokens": sum(usage.input_tokens for usage in judging.usages),
        "output_tokens": sum(usage.output_tokens for usage in judging.usages),
        "cost_usd": cost if judging.model == settings.openai_model else None,
    }

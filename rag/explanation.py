"""A receipt in, what an answer was made from and why it is as it is out, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answer.wording import counted, differing, markers, outlet_and_date, remarks, shortened, stated
from rag.receipts import Receipt
from rag.schema import Answer, Citation, Filters, Mode, Passage


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and lines of plain text under it."""

    heading: str
    lines: tuple[str, ...]


def explained(receipt: Receipt, since: Sequence[str]) -> list[Section]:
    """Explain an answer to whoever has to vouch for it. `since` says in words what became of its sources."""
    answer = receipt.answer
    sections = (
        Section("What was asked", tuple(asked(receipt, answer))),
        Section("What was found", tuple(found(answer))),
        Section("What was answered", tuple(answered(receipt, answer))),
        Section("What was rejected", tuple(rejected(answer))),
        Section("What it took", tuple(took(answer))),
        Section("What it was made with", tuple(f"{name}: {version}" for name, version in receipt.versions.items())),
        Section("What has changed since", tuple(since)),
    )
    return [section for section in sections if section.lines]


def asked(receipt: Receipt, answer: Answer) -> Iterator[str]:
    """Say what was asked and how it was understood."""
    yield f"“{receipt.asked.question}”, on {receipt.when:%d %B %Y at %H:%M} {receipt.when:%Z}."
    if receipt.asked.history:
        yield f"It went on from {counted(len(receipt.asked.history), 'message')} before it."
    if answer.query.standalone != receipt.asked.question:
        yield f"Understood as: “{answer.query.standalone}”"
    for asker, *corpus in filter(lambda spellings: len(spellings) > 1, answer.query.names):
        yield f"“{asker}” was also looked for as {' or '.join(f'“{spelling}”' for spelling in corpus)}."
    if answer.query.period:
        yield f"It asks about {answer.query.period.in_words()}."
    yield f"{limits(answer.query.filters)} read."


def limits(filters: Filters) -> str:
    """Say which articles were read: `Only articles of WANA published since 2024 were`."""
    said = [
        f"of {' or '.join(filters.outlets)}" if filters.outlets else "",
        f"published since {filters.since.in_words()}" if filters.since else "",
        f"published until {filters.until.in_words()}" if filters.until else "",
        f"that were out by {filters.as_of.in_words()}" if filters.as_of else "",
    ]
    chosen = " and ".join(filter(None, said))
    return f"Only articles {chosen} were" if chosen else "All articles were"


def found(answer: Answer) -> Iterator[str]:
    """List the passages in the order in which they were read, and what came of each."""
    if not answer.passages:
        yield "No passage."
        return
    yield f"{counted(len(answer.passages), 'passage')}, the likeliest first:"
    for rank, passage in enumerate(answer.passages, start=1):
        where = f"{passage.source.document}, characters {passage.start}–{passage.end}"
        yield f"{rank}. {outlet_and_date(passage.source)} ({where}), score {passage.score:.2f}: {use(passage, answer)}"


def use(passage: Passage, answer: Answer) -> str:
    """Say for which sentences of an answer a passage is cited."""
    citing = [
        str(number)
        for number, claim in enumerate(answer.claims, start=1)
        if any(is_from(citation, passage) for citation in claim.citations)
    ]
    if citing:
        return f"cited for sentence{'s' * (len(citing) > 1)} {' and '.join(citing)}"
    return "cited for a disagreement" if any(is_from(each, passage) for each in answer.citations) else "not used"


def is_from(citation: Citation, passage: Passage) -> bool:
    """Tell whether a quote overlaps a passage."""
    same = citation.source.document == passage.source.document
    return same and citation.start < passage.end and passage.start < citation.end


def answered(receipt: Receipt, answer: Answer) -> Iterator[str]:
    """Say what the answer says, sentence by sentence, and what each rests on; or why there is none."""
    yield made(answer)
    if answer.confidence is not None and receipt.threshold is not None:
        yield f"That the passages answer was {answer.confidence:.0%} likely; {receipt.threshold:.0%} is asked for."
    numbers = {citation: number for number, citation in enumerate(answer.citations, start=1)}
    for number, claim in enumerate(answer.claims, start=1):
        yield f"Sentence {number}: {stated(claim)} {markers(claim, numbers)}"
    for conflict in (*answer.conflicts, *answer.changes):
        yield differing(conflict, numbers)
    for citation, number in numbers.items():
        yield f"[{number}] {outlet_and_date(citation.source)}: “{shortened(citation.quote)}”"
    for part in answer.unanswered:
        yield f"Not covered: {part}"
    if told := " ".join(filter(None, (remarks(answer), answer.notice))):
        yield f"The reader was told: {told}"


def made(answer: Answer) -> str:
    """Say what kind of answer it is, and who worded it."""
    model = answer.usage.model or "a language model"
    if answer.abstained:
        by = "" if answer.mode is Mode.EXTRACTIVE else f", as {model} and the check of its sentences have it"
        return f"That the articles do not answer this{by}."
    if answer.mode is Mode.EXTRACTIVE:
        return "Sentences of the articles, chosen without a language model."
    return f"Sentences of {model}, each checked against its quotes."


def rejected(answer: Answer) -> Iterator[str]:
    """List what was to be said and did not pass the check, and why."""
    for rejection in answer.rejections:
        outcome = "Put right when told." if rejection.repaired else "Left out."
        yield f"“{rejection.claim.text}” The claim {rejection.reason}. {outcome}"


def took(answer: Answer) -> Iterator[str]:
    """Say what the answer cost in money and time."""
    usage = answer.usage
    if usage.model:
        tokens = f"{usage.input_tokens} tokens read and {usage.output_tokens} written"
        yield f"{usage.model}: {tokens}, {usage.cost_usd:.4f} USD."
    else:
        yield "No language model, no cost."
    steps = (f"{step} {milliseconds:.0f} ms" for step, milliseconds in answer.timings_ms.items())
    if said := ", ".join(steps):
        yield f"Time: {said}."

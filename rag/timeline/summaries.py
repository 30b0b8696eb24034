"""Events in, each with one line of a model's that has passed the gate, or else with its own sentence, out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from rag.answer.chat_model import ChatModel, Message
from rag.answer.confidential import Confidential, confidential
from rag.answer.engine import Texts, defused
from rag.answer.keys import fenced, keyed_by, new_key
from rag.answer.objects import ObjectReader, objects_in
from rag.answer.openai_synthesizer import FORMLESS, GIVEN_AWAY, WITHHELD
from rag.answer.prompts import load_prompt
from rag.answer.waiting import in_thread
from rag.answer.wording import published
from rag.errors import DatelineError, ModelError
from rag.gate.clauses import roots
from rag.gate.differences import Kind, differences
from rag.gate.evidence import Evidence
from rag.gate.proof import unstated_dates
from rag.gate.verify import verified
from rag.language.sentences import sentence_before
from rag.retrieve.retriever import Retriever
from rag.schema import Claim, Event, Mode, Rejection, Source, Timeline, Usage
from rag.timeline.wording import when_in_words

log = logging.getLogger(__name__)

MOST = 96  # events of a timeline that a model words, the most important; the others keep their sentences
A_REQUEST = 12  # events, with about 2,000 tokens of passages
PASSAGES = 4  # of an event that a model is shown
LONGEST_PASSAGE = 1_000  # characters; what is longer was a list or a table
WITHOUT_MODEL = "This timeline was made without the model."
IN_PART = "The rest of this timeline is in the articles' own sentences."
LEAST_SAID = 3  # words of content of its passages; with less, such as "She was there.", a line tells nothing
NOTHING_SAID = "says too little of what its quotes say"
OTHER_DATE = "tells what its quotes put on another date"

TextOf = Mapping[str, str]  # the clean text of each document
Variants = Mapping[str, Collection[str]]  # the other spellings of each case-folded word of a name


@dataclass(frozen=True, slots=True)
class Summarised:
    """Events in the order in which they came. `rejections` are the lines that did not pass the gate."""

    events: tuple[Event, ...]
    mode: Mode = Mode.EXTRACTIVE  # OPENAI if any line is the model's
    usage: Usage = field(default_factory=Usage)
    notice: str = ""  # what a reader must know of how it went
    rejections: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Commission:
    """What the events are of, who pays for their lines, and when their time began, by `time.monotonic`."""

    topic: str
    texts: TextOf
    account: str
    begun: float


@dataclass
class Reply:
    """What a model wrote on some events by their keys, and what kept it from writing more."""

    lines: dict[str, set[str]] = field(default_factory=dict)
    usage: Usage = field(default_factory=Usage)
    failure: DatelineError | None = None


class Summariser:
    """Has a model say each event in one line. `new_key` makes the events' keys, which nobody can guess."""

    def __init__(self, model: ChatModel, new_key: Callable[[], str] = new_key) -> None:
        self._model = model
        self._new_key = new_key
        self._rules = load_prompt("timeline.md", ())

    async def worded(self, timeline: Timeline, retriever: Retriever, account: str = "") -> Timeline:
        """Word the events of a timeline that was made from the articles of a retriever; the `account` pays."""
        vocabulary = await in_thread(lambda: retriever.vocabulary)
        texts = Texts(retriever.store)
        said = await self.summarised(timeline.events, timeline.topic, texts, vocabulary.variants, account)
        return replace(timeline, events=said.events, mode=said.mode, usage=said.usage, notice=said.notice)

    async def summarised(
        self, events: Sequence[Event], topic: str, texts: TextOf, variants: Variants, account: str = ""
    ) -> Summarised:
        """Word events anew where that passes the gate, each with the citations it has; the `account` pays.

        `texts` and `variants` are those of `verified`. A model that fails leaves the events their sentences, with a
        notice; a line that fails, only its own.
        """
        commission = Commission(topic, texts, account, time.monotonic())
        asked = sorted(dict.fromkeys(events), key=lambda event: -event.importance)[:MOST]
        batches = [keyed_by(self._new_key, asked[at : at + A_REQUEST]) for at in range(0, len(asked), A_REQUEST)]
        replies = await asyncio.gather(*(self._reply(batch, commission) for batch in batches))
        confided = self._confided(batches)
        written = [each for pair in zip(replies, batches, strict=True) for each in written_in(*pair)]
        said = [await in_thread(checked, line, event, texts, variants, confided) for line, event in written]
        worded = {event: each for (_, event), each in zip(written, said, strict=True) if isinstance(each, Claim)}
        return Summarised(
            events=tuple(replace(event, claim=worded.get(event, event.claim)) for event in events),
            mode=Mode.OPENAI if worded else Mode.EXTRACTIVE,
            usage=sum((reply.usage for reply in replies), Usage()),
            notice=next((failed(reply.failure, worded) for reply in replies if reply.failure), ""),
            rejections=tuple(defused(each) for each in said if isinstance(each, Rejection)),
        )

    async def _reply(self, keyed: Mapping[str, Event], commission: Commission) -> Reply:
        """Ask for the lines of some events; what has come when the model fails counts."""
        reply = Reply()
        messages = await in_thread(self._messages, keyed, commission)
        parts = self._model.reply(messages, _is_usable, account=commission.account, begun=commission.begun)
        try:
            async with aclosing(objects_in(parts)) as objects:
                async for each in objects:
                    if isinstance(each, Usage):
                        reply.usage = each
                    else:
                        take(each, reply.lines, keyed)
            if not reply.lines:
                raise ModelError(FORMLESS)
        except DatelineError as error:
            log.warning("events keep their sentences: %s", error)
            reply.failure = error
        return reply

    def _messages(self, keyed: Mapping[str, Event], commission: Commission) -> list[Message]:
        topic = fenced("topic", self._new_key(), _line(commission.topic) or "all articles")
        events = (fenced("event", key, shown(event, commission.texts)) for key, event in keyed.items())
        return [Message("system", self._rules.text), Message("user", "\n\n".join((topic, *events)))]

    def _confided(self, batches: Sequence[Mapping[str, Event]]) -> Confidential:
        return confidential([self._model.key, *(key for batch in batches for key in batch)], [self._rules.text])


def shown(event: Event, texts: TextOf) -> str:
    """Write an event out for a model: its date, the sentence that stands there now, and its passages."""
    lines = [f"date: {when_in_words(event.when)}", f"event: {_line(event.claim.text)}"]
    for citation in event.claim.citations[:PASSAGES]:
        before = sentence_before(texts.get(citation.source.document, ""), citation.start)
        lines += [f"before: {_line(before)}"] if before else []
        lines.append(f"passage ({_line(reported(citation.source))}): {_line(citation.quote)}")
    return "\n".join(lines)


def reported(source: Source) -> str:
    """Say by whom and when something was published; an outlet without a name is not named by its file."""
    return f"{source.publisher or source.origin or 'unknown outlet'}, {published(source)}"


def take(written: Mapping[str, object], lines: dict[str, set[str]], keyed: Mapping[str, Event]) -> None:
    """Add an object of a reply to the lines, if it is in the form asked for and on one of the events."""
    key, line = written.get("event"), written.get("line")
    if isinstance(key, str) and key in keyed and isinstance(line, str) and line.strip():
        lines.setdefault(key, set()).add(line)


def written_in(reply: Reply, keyed: Mapping[str, Event]) -> Iterator[tuple[str, Event]]:
    """Yield each event that has a line; which of several lines of one would be meant is not guessed at."""
    for key, (line, *others) in reply.lines.items():
        if not others:
            yield line, keyed[key]


def checked(line: str, event: Event, texts: TextOf, variants: Variants, confided: Confidential) -> Claim | Rejection:
    """Pass a line through the gate on the citations of its event."""
    if confided.is_in(line):
        return Rejection(Claim(WITHHELD), GIVEN_AWAY)
    claim = replace(event.claim, text=line)
    passed = verified(claim, texts, variants)
    if isinstance(passed, Claim) and (objection := _objection(passed, event, texts, variants)):
        passed = Rejection(claim, objection)
    if isinstance(passed, Rejection):
        log.info("line dropped: it %s", passed.reason)
    return passed


def _objection(claim: Claim, event: Event, texts: TextOf, variants: Variants) -> str:
    """Say why a claim that the articles bear out is no line of a timeline on an event, or give ""."""
    quoted = set(roots(" ".join(citation.quote for citation in claim.citations)))
    if len(quoted.intersection(roots(claim.text))) < LEAST_SAID:
        return NOTHING_SAID
    return OTHER_DATE if is_of_other_date(claim, event, texts, variants) else ""


def is_of_other_date(claim: Claim, event: Event, texts: TextOf, variants: Variants) -> bool:
    """Tell whether the quotes of a claim have another date for it than the event that it is to stand beside.

    They must name the date of the event: where that was worked out, or is known of the news only, they cannot tell.
    """
    if not (event.when.dates and event.when.expression):
        return False
    dated = f"{claim.text.rstrip('.')} on {event.when.dates.in_words()}."
    evidence = Evidence(claim.citations, texts, variants)
    stated = not any(unstated_dates(dated, evidence))
    return stated and any(each.kind is Kind.DATE and each.instead for each in differences(dated, evidence))


def failed(failure: DatelineError, worded: Collection[Event]) -> str:
    """Say why the model worded no event, or not all of them."""
    return f"{failure} {IN_PART if worded else WITHOUT_MODEL}"


def _is_usable(reply: str) -> bool:
    return any("event" in each for each in ObjectReader().feed(reply))


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST_PASSAGE]

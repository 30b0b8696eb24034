"""A question and passages in, unchecked claims out as a model writes them, with quotes found in the articles."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import date
from typing import TypeVar

from rag.answer.chat_model import ChatModel, Message
from rag.answer.objects import ObjectReader
from rag.answer.prompts import load_prompt
from rag.answer.synthesis import Assignment, Finished, Said, Unanswered
from rag.errors import ModelError
from rag.schema import Basis, Citation, Claim, Passage, Source, Usage

T = TypeVar("T")
CUT_SHORT = "The model's answer was cut short."
_TURNS, _TURN_LENGTH = 8, 1500  # of the conversation, and characters of each, that a follow-up can need
_FOLDED = str.maketrans(
    {**dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‘’‚‛`´", "'"), **dict.fromkeys("‐‑‒–—―−", "-")}
)
_TRIMMED = " \t\n\"'."


def new_key() -> str:
    """Make a key for a passage that a model cannot invent and an article cannot contain."""
    return secrets.token_hex(4)


class OpenAISynthesizer:
    """Has a model word the claims. `today` is its clock; `new_key` makes the passages' keys, which nobody can guess."""

    def __init__(self, model: ChatModel, today: Callable[[], date], new_key: Callable[[], str] = new_key) -> None:
        self._model = model
        self._today = today
        self._new_key = new_key
        self._rules = load_prompt("answer.md", {"today"})
        self._question = load_prompt("question.md", {"conversation", "passages", "question"})

    @property
    def digest(self) -> str:
        """Identify the wording of the prompts in records."""
        return f"{self._rules.digest}-{self._question.digest}"

    async def synthesize(self, assignment: Assignment) -> AsyncGenerator[Said, None]:
        """Yield each claim and unanswered part as soon as its line is complete, and `Finished` last.

        A quote that is not in its passage is dropped, as is a claim without any. A reply that breaks off after its
        first claim is finished with a notice. Raises ModelError when there was nothing usable.
        """
        keyed = keyed_by(self._new_key, assignment.passages)
        usage, ended, spoke = Usage(), False, False
        try:
            async with aclosing(self._objects(self._messages(assignment, keyed))) as events:
                async for event in events:
                    if isinstance(event, Usage):
                        usage = event
                    elif said := interpreted(event, keyed):
                        spoke = True
                        yield said
                    ended = ended or _ends(event)
        except ModelError:
            if not (ended or spoke):
                raise
        if not (ended or spoke):
            raise ModelError("The model's reply was not in the form asked for. Try another OPENAI_MODEL in .env.")
        yield Finished(usage, "" if ended else CUT_SHORT)

    async def _objects(self, messages: Sequence[Message]) -> AsyncGenerator[dict[str, object] | Usage, None]:
        reader = ObjectReader()
        async with aclosing(self._model.reply(messages, _is_usable)) as parts:
            async for part in parts:
                if isinstance(part, Usage):
                    yield part
                else:
                    for found in reader.feed(part):
                        yield found

    def _messages(self, assignment: Assignment, keyed: Mapping[str, Passage]) -> list[Message]:
        query, history = assignment.query, assignment.history
        today = query.filters.as_of.last if query.filters.as_of else self._today()
        question = self._question.fill(
            conversation="\n".join(f"{turn.role}: {turn.content[:_TURN_LENGTH]}" for turn in history[-_TURNS:])
            or "(none)",
            passages="\n\n".join(_shown(key, passage) for key, passage in keyed.items()) or "(none)",
            question=query.question
            if query.question == query.standalone
            else f"{query.question}\n(that is: {query.standalone})",
        )
        return [
            Message("system", self._rules.fill(today=f"{today:%A}, {today.isoformat()}")),
            Message("user", question),
        ]


def keyed_by(new_key: Callable[[], str], things: Sequence[T]) -> dict[str, T]:
    """Give each thing a key of its own."""
    keyed: dict[str, T] = {}
    for thing in things:
        while (key := new_key()) in keyed:
            pass
        keyed[key] = thing
    return keyed


def located(quote: str, passage: Passage) -> Citation | None:
    """Find a model's quote in a passage; the citation has the article's own characters.

    White space and kinds of quotation marks and dashes may differ; an ellipsis or quotation marks may surround it.
    """
    folded, places = _folded(passage.text)
    wanted = _folded(quote)[0].strip(_TRIMMED)
    at = folded.find(wanted) if wanted else -1
    if at < 0:
        return None
    end = at + len(wanted)
    if quote.rstrip(" \t\n\"'”’").endswith(".") and folded[end : end + 1] == ".":
        end += 1
    first, last = places[at], places[end - 1] + 1
    return Citation(passage.source, passage.start + first, passage.start + last, passage.text[first:last])


def _folded(text: str) -> tuple[str, list[int]]:
    """Fold what may differ in a quote, with the place in `text` of each folded character."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text.translate(_FOLDED)):
        if not letter.isspace():
            letters.extend("..." if letter == "…" else letter)
            places.extend([place] * (3 if letter == "…" else 1))
        elif letters and letters[-1] != " ":
            letters.append(" ")
            places.append(place)
    return "".join(letters), places


def interpreted(event: Mapping[str, object], keyed: Mapping[str, Passage]) -> Claim | Unanswered | None:
    """Read one object of a reply; None for what is not one of the forms asked for, or cites nothing."""
    claim, unanswered, attribution = event.get("claim"), event.get("unanswered"), event.get("attribution")
    if isinstance(claim, str) and (citations := tuple(_citations(event.get("cites"), keyed))):
        return Claim(claim, citations, attribution if isinstance(attribution, str) else "")
    return Unanswered(unanswered) if isinstance(unanswered, str) and unanswered.strip() else None


def _citations(cites: object, keyed: Mapping[str, Passage]) -> Iterator[Citation]:
    for cite in cites if isinstance(cites, list) else ():
        key, quote = (cite.get("key"), cite.get("quote")) if isinstance(cite, dict) else (None, None)
        if (
            isinstance(key, str)
            and isinstance(quote, str)
            and key in keyed
            and (citation := located(quote, keyed[key]))
        ):
            yield citation


def _ends(event: Mapping[str, object] | Usage) -> bool:
    return not isinstance(event, Usage) and event.get("end") is True


def _is_usable(text: str) -> bool:
    return any({"claim", "end"} & event.keys() for event in ObjectReader().feed(text))


def _shown(key: str, passage: Passage) -> str:
    source = passage.source
    lines = (f"outlet: {_line(source.outlet)}", f"published: {_published(source)}", f"title: {_line(source.title)}")
    return "\n".join((f"--- passage {key}", *lines, "", passage.text, f"--- end of passage {key}"))


def _published(source: Source) -> str:
    if source.published is None:
        return "unknown"
    return f"{source.published} (inferred, approximate)" if source.basis is Basis.INFERRED else str(source.published)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()

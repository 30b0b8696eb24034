"""A question and passages in, unchecked claims out as a model writes them, with quotes found in the articles."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import date

from rag.answer.chat_model import ChatModel, Message
from rag.answer.confidential import Confidential, confidential
from rag.answer.keys import keyed_by, new_key
from rag.answer.objects import ObjectReader, objects_in
from rag.answer.prompts import load_prompt
from rag.answer.showing import day_of, put, question_prompt, shown
from rag.answer.synthesis import Assignment, Finished, Replacement, Said, Unanswered
from rag.errors import ModelError
from rag.schema import Citation, Claim, Passage, Rejection, Usage

CUT_SHORT = "The model's answer was cut short."
FORMLESS = "The model's reply was not in the form asked for. Try another OPENAI_MODEL in .env."
INVENTED = "quotes what the passage does not say"
GIVEN_AWAY = "repeats what only the model was told"
WITHHELD = "(withheld)"
_FOLDED = str.maketrans(
    {**dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‘’‚‛`´", "'"), **dict.fromkeys("‐‑‒–—―−", "-")}
)
_TRIMMED = " \t\n\"'."


class OpenAISynthesizer:
    """Has a model word the claims. `today` is its clock; `new_key` makes the passages' keys, which nobody can guess."""

    def __init__(self, model: ChatModel, today: Callable[[], date], new_key: Callable[[], str] = new_key) -> None:
        self._model = model
        self._today = today
        self._new_key = new_key
        self._rules = load_prompt("answer.md", {"today"})
        self._question = question_prompt()
        self._repair = load_prompt("repair.md", {"rejected"})

    @property
    def digest(self) -> str:
        """Identify the wording of the prompts in records."""
        return f"{self._rules.digest}-{self._question.digest}-{self._repair.digest}"

    async def synthesize(self, assignment: Assignment) -> AsyncGenerator[Said, None]:
        """Yield each claim and unanswered part as soon as its line is complete, and `Finished` last.

        A quote that is not in its passage is dropped; a claim without any other is a Rejection. A reply that breaks
        off after its first claim is finished with a notice. Raises ModelError when there was nothing usable.
        """
        keyed = keyed_by(self._new_key, assignment.passages)
        confided = self._confided(keyed)
        usage, ended, spoke = Usage(), False, False
        try:
            async with aclosing(self._objects(self._messages(assignment, keyed), assignment)) as events:
                async for event in events:
                    if isinstance(event, Usage):
                        usage = event
                    elif said := discreet(interpreted(event, keyed), confided):
                        spoke = True
                        yield said
                    ended = ended or _ends(event)
        except ModelError:
            if not (ended or spoke):
                raise
        if not (ended or spoke):
            raise ModelError(FORMLESS)
        yield Finished(usage, "" if ended else CUT_SHORT)

    async def repair(
        self, assignment: Assignment, rejections: Sequence[Rejection]
    ) -> AsyncGenerator[Replacement | Finished, None]:
        """Tell the model why claims were rejected, all at once; yield each claim that it writes instead of one of them.

        What replaces none of them is dropped. The time is that which the answer left. Raises ModelError.
        """
        keyed = keyed_by(self._new_key, assignment.passages)
        rules, question = self._messages(assignment, keyed)
        rejected = self._repair.fill(rejected="\n".join(map(_numbered, range(1, len(rejections) + 1), rejections)))
        told = [rules, Message("user", f"{question.content}\n{rejected}")]
        confided = self._confided(keyed)
        usage = Usage()
        async with aclosing(self._objects(told, assignment)) as events:
            async for event in events:
                if isinstance(event, Usage):
                    usage = event
                elif isinstance(claim := discreet(interpreted(event, keyed), confided), Claim):
                    number = event.get("instead_of")
                    if isinstance(number, int) and 1 <= number <= len(rejections):
                        yield Replacement(number - 1, claim)
        yield Finished(usage)

    def _confided(self, keyed: Mapping[str, Passage]) -> Confidential:
        prompts = (self._rules, self._question, self._repair)
        return confidential([self._model.key, *keyed], [prompt.text for prompt in prompts])

    def _objects(
        self, messages: Sequence[Message], assignment: Assignment
    ) -> AsyncGenerator[dict[str, object] | Usage, None]:
        return objects_in(self._model.reply(messages, _is_usable, account=assignment.account, begun=assignment.begun))

    def _messages(self, assignment: Assignment, keyed: Mapping[str, Passage]) -> list[Message]:
        query, passages = assignment.query, (shown(key, passage, passage.text) for key, passage in keyed.items())
        return [
            Message("system", self._rules.fill(today=day_of(query, self._today()))),
            Message("user", put(self._question, query, assignment.history, passages)),
        ]


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


def interpreted(event: Mapping[str, object], keyed: Mapping[str, Passage]) -> Claim | Rejection | Unanswered | None:
    """Read one object of a reply; None for what is not one of the forms asked for."""
    text, unanswered, attribution = event.get("claim"), event.get("unanswered"), event.get("attribution")
    if isinstance(text, str) and text.strip():
        citations = tuple(_citations(event.get("cites"), keyed))
        claim = Claim(text, citations, attribution if isinstance(attribution, str) else "")
        return claim if citations or not event.get("cites") else Rejection(claim, INVENTED)
    return Unanswered(unanswered) if isinstance(unanswered, str) and unanswered.strip() else None


def discreet(said: Said | None, confided: Confidential) -> Said | None:
    """Withhold what a model says of what only it was told, and leave everything else as it is."""
    if isinstance(said, Claim | Rejection):
        claim = said if isinstance(said, Claim) else said.claim
        return Rejection(Claim(WITHHELD), GIVEN_AWAY) if confided.is_in(f"{claim.text}\n{claim.attribution}") else said
    return None if isinstance(said, Unanswered) and confided.is_in(said.part) else said


def _numbered(number: int, rejection: Rejection) -> str:
    return f"{number}. {json.dumps(rejection.claim.text, ensure_ascii=False)}: the claim {rejection.reason}."


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

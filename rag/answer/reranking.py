"""A question and ranked passages in, the same passages out, in the order in which a model would read them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial

from rag.answer.chat_model import ChatModel, Message
from rag.answer.keys import keyed_by, new_key
from rag.answer.objects import has, object_with
from rag.answer.prompts import load_prompt
from rag.answer.showing import day_of, put, question_prompt, shown
from rag.answer.synthesis import Assignment
from rag.language.sentences import sentence_spans
from rag.language.words import content_stems
from rag.schema import Passage, Usage

SHARE = 1 / 2  # of the time for an answer, at most, a model's rewriting before it included
EXCERPT = 400  # characters of a passage that a model is shown


class Reranker:
    """Has a model put passages in order. `today` is its clock; `new_key` makes keys that nobody can guess."""

    def __init__(self, model: ChatModel, today: Callable[[], date], new_key: Callable[[], str] = new_key) -> None:
        self._model = model
        self._today = today
        self._new_key = new_key
        self._rules = load_prompt("rerank.md", {"today"})
        self._question = question_prompt()

    async def reranked(self, assignment: Assignment) -> tuple[tuple[Passage, ...], Usage]:
        """Return the passages of an assignment, each once, and what the order cost. Raises ModelError.

        Those that the model does not name follow in their old order: all of them if its reply is malformed.
        """
        query, keyed = assignment.query, keyed_by(self._new_key, assignment.passages)
        stems = set(content_stems(" ".join((query.sought, *query.parts))))
        excerpts = [shown(key, passage, excerpt(passage.text, stems)) for key, passage in keyed.items()]
        told = [
            Message("system", self._rules.fill(today=day_of(query, self._today()))),
            Message("user", put(self._question, query, assignment.history, excerpts)),
        ]
        usable = partial(has, "passages")
        reply = self._model.reply(told, usable, account=assignment.account, begun=assignment.begun, share=SHARE)
        found, usage = await object_with("passages", reply)
        return in_order(found.get("passages"), keyed), usage


def in_order(named: object, keyed: Mapping[str, Passage]) -> tuple[Passage, ...]:
    """Put what a list names first, in its order, then the others in theirs. What is no key of these is dropped."""
    known = (key for key in named if isinstance(key, str) and key in keyed) if isinstance(named, list) else ()
    return tuple(keyed[key] for key in dict.fromkeys((*known, *keyed)))


def excerpt(text: str, stems: Collection[str], limit: int = EXCERPT) -> str:
    """Choose the sentences that have most of the stems, as many as fit, in the order of the text."""
    spans = sentence_spans(text)
    shared = {span: len({*content_stems(text[slice(*span)])}.intersection(stems)) for span in spans}
    chosen: list[tuple[int, int]] = []
    room = limit
    for start, end in sorted(spans, key=lambda span: -shared[span]):
        if end - start <= room:
            chosen.append((start, end))
            room -= end - start
    return " … ".join(text[slice(*span)] for span in sorted(chosen)) or text[:limit]

"""A question with its conversation in, what to search for out, in words of a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from rag.answer.chat_model import ChatModel, Message
from rag.answer.confidential import Confidential, confidential
from rag.answer.objects import has, object_with
from rag.answer.prompts import load_prompt
from rag.answer.showing import day_of, put, question_prompt
from rag.answer.synthesis import Assignment
from rag.schema import Usage

SHARE = 1 / 3  # of the time for an answer, at most; a reply of a few lines needs a twentieth
MOST = 6  # searches; the prompt says so
LONGEST = 300  # characters; the 25 words that the prompt allows have about 150


class Rewriter:
    """Has a model say what to search for. `today` is its clock."""

    def __init__(self, model: ChatModel, today: Callable[[], date]) -> None:
        self._model = model
        self._today = today
        self._rules = load_prompt("rewrite.md", {"today"})
        self._question = question_prompt()

    async def parts(self, assignment: Assignment) -> tuple[tuple[str, ...], Usage]:
        """Return what to search for, nothing if the reply is malformed, and what it cost. Raises ModelError."""
        query = assignment.query
        told = [
            Message("system", self._rules.fill(today=day_of(query, self._today()))),
            Message("user", put(self._question, query, assignment.history)),
        ]
        confided = confidential([self._model.key], [self._rules.text])
        usable = partial(has, "searches")
        reply = self._model.reply(told, usable, account=assignment.account, begun=assignment.begun, share=SHARE)
        found, usage = await object_with("searches", reply)
        return tuple(dict.fromkeys(searches(found.get("searches"), confided)))[:MOST], usage


def searches(texts: object, confided: Confidential) -> Iterator[str]:
    """Read a list of what to search for; what is no text, too long or confided is left out."""
    for text in texts if isinstance(texts, list) else ():
        if isinstance(text, str) and any(map(str.isalnum, text)) and not confided.is_in(text):
            folded = " ".join(text.encode("utf-8", "replace").decode("utf-8").split())
            if len(folded) <= LONGEST:
                yield folded

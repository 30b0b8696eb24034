"""A question and passages in, how a model is shown them out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from rag.answer.keys import fenced
from rag.answer.prompts import Prompt, load_prompt
from rag.schema import Basis, Passage, Query, Source, Turn

_TURNS, _TURN_LENGTH = 8, 1500  # of the conversation, and characters of each, that a follow-up can need


def question_prompt() -> Prompt:
    """Read the prompt that a question is put in."""
    return load_prompt("question.md", {"conversation", "passages", "question"})


def put(prompt: Prompt, query: Query, history: Sequence[Turn], passages: Iterable[str] = ()) -> str:
    """Put a question, the conversation before it and passages as `shown` into the prompt of a question."""
    return prompt.fill(
        conversation="\n".join(f"{turn.role}: {turn.content[:_TURN_LENGTH]}" for turn in history[-_TURNS:]) or "(none)",
        passages="\n\n".join(passages) or "(none)",
        question=query.question
        if query.question == query.standalone
        else f"{query.question}\n(that is: {query.standalone})",
    )


def day_of(query: Query, today: date) -> str:
    """Write the day that a question is to be understood by: `Sunday, 2025-06-01`."""
    day = query.filters.as_of.last if query.filters.as_of else today
    return f"{day:%A}, {day.isoformat()}"


def shown(key: str, passage: Passage, text: str) -> str:
    """Show a passage under its key: what is known of its article, and its text or an excerpt of that."""
    source = passage.source
    outlet = _line(source.publisher or source.origin) or "unknown"  # not the file's name, which is for us
    lines = (f"outlet: {outlet}", f"published: {_published(source)}", f"title: {_line(source.title)}")
    return fenced("passage", key, "\n".join((*lines, "", text)))


def _published(source: Source) -> str:
    if source.published is None:
        return "unknown"
    return f"{source.published} (inferred, approximate)" if source.basis is Basis.INFERRED else str(source.published)


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()

"""Feedback and articles in, draft cases out, for a person to accept or correct."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from rag.answer.chat_model import ChatModel, Message, open_model
from rag.answer.keys import fenced, new_key
from rag.answer.objects import ObjectReader, objects_in
from rag.answer.openai_synthesizer import located
from rag.answer.prompts import load_prompt
from rag.errors import ModelError, UsageError
from rag.evaluation.cases import Case, case_of
from rag.evaluation.questions import IsWord, questions_on
from rag.evaluation.scoring import folded, says
from rag.evaluation.turns import GIVING_UP
from rag.feedback import Feedback, Verdict, case_record
from rag.language.sentences import sentence_spans
from rag.records import Record, history_of
from rag.schema import Article, Passage, Turn, Usage
from rag.settings import Settings
from rag.store.store import Store

AN_ARTICLE = 4  # drafts that a model is asked for at once
LONGEST_ARTICLE = 12_000  # characters that a model is shown
LONGEST_QUESTION = 300
BY_RULES = "The rest is made of the articles' sentences by rules."
TYPES = frozenset("factoid list date who-said comparison multi-hop paraphrase unanswerable".split())


@dataclass(frozen=True, slots=True)
class Proposal:
    """Draft cases; `notice` says what a person should know of how they were made."""

    drafts: tuple[Record, ...]
    notice: str = ""


@dataclass
class Collection:
    """Drafts without repetition: none has the id or asks the question of a known case or of another draft."""

    known: Sequence[Case]
    drafts: list[Record] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ids = {case.id for case in self.known}
        self._asked = {_asked(case.question, case.history) for case in self.known}

    def add(self, draft: Record) -> bool:
        """Add a draft unless it repeats another; tell whether it is new."""
        asked = _asked(draft["question"], history_of(draft))
        if draft["id"] in self._ids or asked in self._asked:
            return False
        self._ids.add(draft["id"])
        self._asked.add(asked)
        self.drafts.append(draft)
        return True


async def proposed(
    n: int, store: Store, feedback: Mapping[int, Feedback], known: Sequence[Case], settings: Settings
) -> Proposal:
    """Propose cases: one for every complaint that is no case yet, then others on the articles until there are `n`.

    With a model, it writes those; without one, or when it fails, they are made of the articles' sentences by rules.
    """
    collected = Collection(known)
    for number, each in feedback.items():
        if each.verdict is not Verdict.GOOD:
            collected.add(case_record(number, each))
    notice = await _add_written(n, collected, store, settings) if settings.has_model else ""
    for draft in by_rules(store):
        if len(collected.drafts) >= n:
            break
        collected.add(draft)
    return Proposal(tuple(collected.drafts), notice)


def _asked(question: str, history: Sequence[Turn]) -> str:
    """Reduce a question, with the conversation before it, to what makes it another one."""
    return folded(" ".join([*(turn.content for turn in history), question]))


def _in_turn(store: Store) -> Iterator[Article]:
    """Yield the articles in an order that is always the same, but takes them from all over a big store."""
    for source in sorted((source for source, _ in store.sources()), key=lambda source: _hash(source.document)):
        yield store.article(source.document)


def _draft(kind: str, question: str, answers: Sequence[Sequence[str]], support: Sequence[Record]) -> Record | None:
    """Make a draft; None if it makes no sense or its answers are not in what it rests on."""
    draft = {
        "id": f"draft-{_hash(repr((question, support)))[:8]}",
        "type": kind,
        "question": question,
        "draft": True,
        "answerable": kind != "unanswerable",
        "answers": [list(wordings) for wordings in answers],
        "support": list(support),
    }
    try:
        accepted = case_of(draft | {"draft": False})  # as it is read once a person has accepted it
    except UsageError:
        return None
    spans = [folded(span.text) for hop in accepted.support for span in hop]
    borne_out = all(any(says(span, wording) for span in spans for wording in wordings) for wordings in accepted.answers)
    return draft if borne_out else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


# --- by rules ---------------------------------------------------------------------------------------------------------


def by_rules(store: Store) -> Iterator[Record]:
    """Yield drafts made of the articles' sentences, one of each article in turn."""
    waiting: Iterable[Iterator[Record]] = (drafts_on(article, store.is_english) for article in _in_turn(store))
    while waiting:
        unfinished = []
        for drafts in waiting:
            if draft := next(drafts, None):
                yield draft
                unfinished.append(drafts)
        waiting = unfinished


def drafts_on(article: Article, is_word: IsWord) -> Iterator[Record]:
    """Yield all that can be asked about the sentences of an article."""
    for start, end in sentence_spans(article.text):
        span = article.text[start:end]
        for question in questions_on(span, is_word):
            support = {"document": article.source.document, "span": span}
            if draft := _draft(question.type, question.text, question.answers, [support]):
                yield draft


# --- by a model -------------------------------------------------------------------------------------------------------


async def _add_written(n: int, collected: Collection, store: Store, settings: Settings) -> str:
    """Add what a model writes on one article after the other until there are `n`; say why it ended before."""
    model, idle = open_model(settings), 0
    try:
        for article in _in_turn(store):
            if len(collected.drafts) >= n:
                return ""
            before = len(collected.drafts)
            async for draft in written(article, model):
                if len(collected.drafts) < n:
                    collected.add(draft)
            idle = idle + 1 if len(collected.drafts) == before else 0
            if idle == GIVING_UP:
                return f"Nothing usable came from the model on {GIVING_UP} articles in a row. {BY_RULES}"
    except ModelError as error:
        return f"{error} {BY_RULES}"
    finally:
        await model.aclose()
    return ""


async def written(
    article: Article, model: ChatModel, new_key: Callable[[], str] = new_key
) -> AsyncGenerator[Record, None]:
    """Yield the drafts that a model writes on one article, but none with a quote that is not in it. Raises ModelError.

    `new_key` makes the key between which the model is shown the article, which nobody can guess.
    """
    key = new_key()
    text = article.text[:LONGEST_ARTICLE]
    passage = Passage(article.source, 0, len(text), text)
    task = f"{fenced('article', key, text)}\n\nPropose {AN_ARTICLE} questions."
    messages = [Message("system", load_prompt("draft.md", ()).text), Message("user", task)]
    async with aclosing(objects_in(model.reply(messages, _is_usable))) as events:
        async for event in events:
            if not isinstance(event, Usage) and (draft := _read(event, key, passage)):
                yield draft


def _is_usable(reply: str) -> bool:
    return any({"question", "end"} & event.keys() for event in ObjectReader().feed(reply))


def _read(event: Mapping[str, object], key: str, passage: Passage) -> Record | None:
    """Read one object of a reply; None for what is not in the form asked for."""
    kind, question, answers, support = (event.get(name) for name in ("type", "question", "answers", "support"))
    if not (isinstance(question, str) and 0 < len(question.strip()) <= LONGEST_QUESTION):
        return None
    if not (isinstance(kind, str) and kind in TYPES and isinstance(answers, list) and isinstance(support, list)):
        return None
    if not all(isinstance(wordings, list) for wordings in answers) or bool(support) == (kind == "unanswerable"):
        return None
    quotes = [quote for each in support if (quote := _located(each, key, passage))]
    return _draft(kind, " ".join(question.split()), answers, quotes) if len(quotes) == len(support) else None


def _located(quote: object, key: str, passage: Passage) -> Record | None:
    """Find a quote in the article; what comes of it has the article's own characters."""
    if not isinstance(quote, dict) or quote.get("key") != key or not isinstance(quote.get("quote"), str):
        return None
    citation = located(quote["quote"], passage)
    return {"document": passage.source.document, "span": citation.quote} if citation else None

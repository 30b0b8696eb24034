"""The commands that put something to the articles: a question, a conversation, a query, a text to check."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from rag import records, terminal
from rag.answer.wording import spoken
from rag.cli.batch import run_batch
from rag.cli.options import Options, chosen_filters
from rag.cli.output import print_json
from rag.cli.running import run
from rag.cli.stores import new_engine, opened_store
from rag.errors import DatelineError, StoreError, UsageError
from rag.receipts import Asked, new_identity, open_receipts, receipt_of
from rag.schema import Answer, Filters, Turn
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answer.engine import Engine
    from rag.store.store import State, Store

log = logging.getLogger(__name__)


def ask_command(options: Options, chosen: Settings) -> None:
    check_one_question(options, "dateline ask 'what does the 2023 pact require?'")
    filters = chosen_filters(options)
    with opened_store(chosen) as store:
        engine = new_engine(chosen, store)
        if options.batch:
            run(run_batch(options.batch, partial(answered, engine, filters)))
            return
        state = store.state()
        answer = run(engine.answer(options.question, filters=filters))
        identity = kept(answer, Asked(options.question, filters=filters), state, chosen)
    if options.json:
        print_json(records.answer_record(answer) | {"receipt": identity})
    else:
        terminal.show_answer(answer, identity)


def check_one_question(options: Options, example: str) -> None:
    if bool(options.batch) == bool((options.question or "").strip()):
        raise UsageError(f"Give one question, for example: {example}; or --batch FILE.")


def kept(answer: Answer, asked: Asked, state: State, chosen: Settings) -> str | None:
    """Keep a receipt of an answer and return its id; None if that cannot be, which must not cost the answer."""
    identity = new_identity()
    try:
        with open_receipts(chosen) as receipts:
            receipts.keep(identity, receipt_of(answer, asked, chosen, state, datetime.now(UTC)), state)
    except StoreError as error:
        log.warning("no receipt: %s", error)
        return None
    return identity


async def answered(engine: Engine, filters: Filters, record: records.Record) -> records.Record:
    question, history = records.question_of(record), records.history_of(record)
    answer = await engine.answer(question, history, records.filters_of(record, filters))
    return records.answer_record(answer, record.get("id"))


def chat_command(options: Options, chosen: Settings) -> None:
    with opened_store(chosen) as store:
        run(converse(new_engine(chosen, store), store, chosen, chosen_filters(options)))


async def converse(engine: Engine, store: Store, chosen: Settings, filters: Filters) -> None:
    """Ask and answer until the input ends; what was said before is the history of each question."""
    history: tuple[Turn, ...] = ()
    for question in terminal.questions():
        try:
            state = store.state()
            answer = await engine.answer(question, history, filters)
        except DatelineError as error:
            terminal.show_error(error)
            continue
        asked = Asked(question, history=history, filters=filters)
        terminal.show_answer(answer, kept(answer, asked, state, chosen))
        history += (Turn("user", question), Turn("assistant", spoken(answer)))


def check_command(options: Options, chosen: Settings) -> None:
    text = sys.stdin.read() if options.text == "-" else options.text
    with opened_store(chosen) as store:
        checked = run(new_engine(chosen, store).check(text, chosen_filters(options)))
    if options.json:
        print_json(records.check_record(text, checked))
    else:
        terminal.show_check(checked)


def search_command(options: Options, chosen: Settings) -> None:
    check_one_question(options, "dateline search 'border camps'")
    filters = chosen_filters(options)
    with opened_store(chosen) as store:
        engine = new_engine(chosen, store)
        if options.batch:
            run(run_batch(options.batch, partial(searched, engine, options.k, filters)))
            return
        query, passages = run(engine.search(options.question, options.k, filters=filters))
    if options.json:
        print_json(records.search_record(query, passages))
    else:
        terminal.show_passages(passages)


async def searched(engine: Engine, k: int, filters: Filters, record: records.Record) -> records.Record:
    question, history = records.question_of(record), records.history_of(record)
    query, passages = await engine.search(question, k, history, records.filters_of(record, filters))
    return records.search_record(query, passages, record.get("id"))

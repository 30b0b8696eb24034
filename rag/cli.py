"""The command line, `dateline`: one function a command. Only results go to stdout."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag import __version__, records, terminal
from rag.answer.wording import spoken
from rag.errors import DatelineError, UsageError
from rag.feedback import Verdict, case_record, open_feedback
from rag.schema import Dates, Filters, Turn
from rag.settings import ROOT, Settings, settings

if TYPE_CHECKING:
    from rag.answer.engine import Engine
    from rag.store.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

# Chroma, onnxruntime and their like are imported by the commands that need them: `dateline --help` is instant.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 could not be done, 2 wrong usage."""
    options = parser().parse_args(arguments)
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    if options.verbose:  # ours only: what libraries log of a request may hold the key
        logging.getLogger("rag").setLevel(logging.DEBUG)
    try:
        options.run(options, chosen_settings(options))
    except UsageError as error:
        return failed(error, 2)
    except DatelineError as error:
        return failed(error, 1)
    except KeyboardInterrupt:
        return failed("Stopped. What was finished is kept; run the same command again to go on.", 1)
    except BrokenPipeError:  # the reader of our output has seen enough (`dateline ask … | head`)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return 0


def failed(reason: object, status: int) -> int:
    print(f"dateline: {reason}", file=sys.stderr)
    return status


def parser() -> argparse.ArgumentParser:
    """Describe the whole command line."""
    top = argparse.ArgumentParser(
        prog="dateline", description="Answers from your news articles, each sentence with its source."
    )
    top.add_argument("--version", action="version", version=f"dateline {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    ingest = command(commands, "ingest", ingest_command, "bring the store in line with files, folders or web pages")
    ingest.add_argument("paths", nargs="*", metavar="PATH", help="a file, a folder or a URL (default: seeds/articles)")
    ingest.add_argument("--json", action="store_true", help="print a report as JSON")
    ingest.add_argument("--quiet", action="store_true", help="print only what could not be read")

    ask = command(commands, "ask", ask_command, "answer a question")
    ask.add_argument("question", nargs="?", metavar="QUESTION")
    add_batch(ask)
    add_filters(ask)

    chat = command(commands, "chat", chat_command, "hold a conversation")
    add_filters(chat)

    check = command(commands, "check", check_command, "hold each statement of a text against the articles")
    check.add_argument(
        "text", nargs="?", default="-", metavar="TEXT", help="a message (default, or `-`: standard input)"
    )
    check.add_argument("--json", action="store_true", help="print JSON")
    add_filters(check)

    search = command(commands, "search", search_command, "list the passages nearest to a query")
    search.add_argument("question", nargs="?", metavar="QUERY")
    search.add_argument("-k", type=positive, default=10, help="how many passages (default: 10)")
    add_batch(search)
    add_filters(search)

    sources = command(commands, "sources", sources_command, "list the articles in the store")
    sources.add_argument("--json", action="store_true", help="print JSON")

    show = command(commands, "show", show_command, "print one article's metadata and clean text")
    show.add_argument("document", metavar="ARTICLE", help="its name as in `dateline sources`")
    show.add_argument("--json", action="store_true", help="print JSON")

    feedback = command(commands, "feedback", feedback_command, "list what people said of answers")
    feedback.add_argument("--verdict", choices=[verdict.value for verdict in Verdict], help="only this verdict")
    feedback.add_argument("--identify", action="store_true", help="let JSON and export say who, and on which server")
    instead = feedback.add_mutually_exclusive_group()
    instead.add_argument("--json", action="store_true", help="print JSON")
    instead.add_argument("--export", type=Path, metavar="FILE", help="write draft evaluation cases as JSON Lines")
    instead.add_argument("--forget", metavar="PERSON", help="delete all that the person with this id gave")

    command(commands, "bot", bot_command, "serve answers in Discord")
    return top


def command(commands: Any, name: str, run: Callable[..., None], summary: str) -> argparse.ArgumentParser:
    """Add a command with the options that all have."""
    added: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    added.set_defaults(run=run)
    added.add_argument(
        "--data", type=Path, metavar="DIR", help="the store's folder (default: DATELINE_DATA or .dateline)"
    )
    added.add_argument("--verbose", action="store_true", help="log to stderr what happens")
    return added


def add_batch(to: argparse.ArgumentParser) -> None:
    to.add_argument("--batch", metavar="FILE", help="JSON Lines in (`-`: standard input), JSON Lines out, same order")
    to.add_argument("--json", action="store_true", help="print JSON")


def add_filters(to: argparse.ArgumentParser) -> None:
    """Add the filters that have the same names everywhere."""
    to.add_argument("--since", type=day, metavar="D", help="published on or after: YYYY, YYYY-MM or YYYY-MM-DD")
    to.add_argument("--until", type=day, metavar="D", help="published on or before")
    to.add_argument("--as-of", type=day, metavar="D", help="pretend today is D: nothing published later is read")
    to.add_argument("--outlet", action="append", default=[], metavar="NAME", help="only this outlet (may be repeated)")


def day(text: str) -> Dates:
    try:
        return Dates.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD") from None


def positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def chosen_settings(options: argparse.Namespace) -> Settings:
    return settings().model_copy(update={"data": options.data.resolve()} if options.data else {})


def chosen_filters(options: argparse.Namespace) -> Filters:
    return Filters(options.since, options.until, options.as_of, tuple(options.outlet))


def ingest_command(options: argparse.Namespace, chosen: Settings) -> None:
    from rag.ingest.pipeline import ingest
    from rag.ingest.uploads import with_uploads

    paths = with_uploads(options.paths or [str(ROOT / "seeds" / "articles")], chosen)
    with opened_store(chosen) as store, terminal.progress() as advance:
        report = ingest(paths, store, advance)
    if options.json:
        print_json(asdict(report))
    else:
        terminal.show_report(asdict(report), quiet=options.quiet)


def ask_command(options: argparse.Namespace, chosen: Settings) -> None:
    check_one_question(options, "dateline ask 'what does the 2023 pact require?'")
    filters = chosen_filters(options)
    with opened_store(chosen) as store:
        engine = new_engine(chosen, store)
        if options.batch:
            run(run_batch(options.batch, partial(answered, engine, filters)))
            return
        answer = run(engine.answer(options.question, filters=filters))
    if options.json:
        print_json(records.answer_record(answer))
    else:
        terminal.show_answer(answer)


async def answered(engine: Engine, filters: Filters, record: records.Record) -> records.Record:
    question, history = records.question_of(record), records.history_of(record)
    answer = await engine.answer(question, history, records.filters_of(record, filters))
    return records.answer_record(answer, record.get("id"))


def chat_command(options: argparse.Namespace, chosen: Settings) -> None:
    with opened_store(chosen) as store:
        run(converse(new_engine(chosen, store), chosen_filters(options)))


def check_command(options: argparse.Namespace, chosen: Settings) -> None:
    text = sys.stdin.read() if options.text == "-" else options.text
    with opened_store(chosen) as store:
        checked = run(new_engine(chosen, store).check(text, chosen_filters(options)))
    if options.json:
        print_json(records.check_record(text, checked))
    else:
        terminal.show_check(checked)


def search_command(options: argparse.Namespace, chosen: Settings) -> None:
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


async def run_batch(path: str, work: Callable[[records.Record], Awaitable[records.Record]]) -> None:
    """Print one record for each line of a file; a line that cannot be worked on becomes a record with `error`."""
    for line in batch_lines(path):
        print_json(await record_or_error(line, work))


async def record_or_error(line: str, work: Callable[[records.Record], Awaitable[records.Record]]) -> records.Record:
    identity = None
    try:
        record = json.loads(line)
        identity = record.get("id") if isinstance(record, dict) else None
        return await work(record)
    except json.JSONDecodeError as error:
        return {"id": None, "error": f"Not a line of JSON: {error}."}
    except DatelineError as error:
        return {"id": identity, "error": str(error)}
    except Exception as error:  # a fault in one question must not cost the other 299
        log.exception("batch record %r", identity)
        return {"id": identity, "error": f"{type(error).__name__}; run with --verbose to see more."}


def batch_lines(path: str) -> Iterator[str]:
    """Yield the lines of a batch file that are not blank. Raises UsageError if it cannot be read."""
    try:
        with sys.stdin if path == "-" else open(path, encoding="utf-8-sig") as lines:
            yield from filter(str.strip, lines)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read {path}: {error}. Give a UTF-8 file of JSON Lines.") from None


def sources_command(options: argparse.Namespace, chosen: Settings) -> None:
    with opened_store(chosen) as store:
        listed = [records.source_record(source) | {"passages": count} for source, count in store.sources()]
    if options.json:
        print_json({"articles": listed})
    else:
        terminal.show_sources(listed)


def show_command(options: argparse.Namespace, chosen: Settings) -> None:
    with opened_store(chosen) as store:
        article = store.article(options.document)
    if options.json:
        print_json(records.source_record(article.source) | {"text": article.text})
    else:
        terminal.show_article(article)


def feedback_command(options: argparse.Namespace, chosen: Settings) -> None:
    if options.forget is not None and options.verdict:
        raise UsageError("--forget deletes whatever a person gave. Leave out --verdict.")
    with open_feedback(chosen) as log:
        if options.forget is not None:
            print(f"{log.forget(options.forget)} deleted.")
            return
        found = log.read(Verdict(options.verdict) if options.verdict else None)
    cases = [case_record(number, feedback, identify=options.identify) for number, feedback in found.items()]
    if options.json:
        print_json({"feedback": cases})
    elif options.export:
        export(cases, options.export)
    else:
        terminal.show_feedback(list(found.values()))


def export(lines: Sequence[records.Record], path: Path) -> None:
    """Write JSON Lines to a new file. Raises UsageError if there is one already, or it cannot be written."""
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    try:
        # half a character, which people may type and UTF-8 lacks, is written as its JSON escape
        with path.open("x", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already. Name another file, or delete that one first.") from None
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error}. Name a file in a folder that can be written to.") from None
    print(f"{len(lines)} written to {path}.")


def bot_command(options: argparse.Namespace, chosen: Settings) -> None:
    """Become the bot, which is a program of its own that uses this one."""
    environment = os.environ | {"DATELINE_DATA": str(chosen.data)}
    program = [sys.executable, "-m", "bot", *(["--verbose"] if options.verbose else [])]
    os.execve(sys.executable, program, environment)  # noqa: S606  # our own interpreter, without a shell


@contextmanager
def opened_store(chosen: Settings) -> Iterator[Store]:
    from rag.store.store import open_store

    store = open_store(chosen)
    try:
        yield store
    finally:
        store.close()


def new_engine(chosen: Settings, store: Store) -> Engine:
    from rag.answer.engine import open_engine

    return open_engine(chosen, store)


def check_one_question(options: argparse.Namespace, example: str) -> None:
    if bool(options.batch) == bool((options.question or "").strip()):
        raise UsageError(f"Give one question, for example: {example}; or --batch FILE.")


async def converse(engine: Engine, filters: Filters) -> None:
    """Ask and answer until the input ends; what was said before is the history of each question."""
    history: tuple[Turn, ...] = ()
    for question in terminal.questions():
        try:
            answer = await engine.answer(question, history, filters)
        except DatelineError as error:
            terminal.show_error(error)
            continue
        terminal.show_answer(answer)
        history += (Turn("user", question), Turn("assistant", spoken(answer)))


def print_json(record: object) -> None:
    text = json.dumps(record, ensure_ascii=False, default=str)
    try:
        print(text, flush=True)
    except UnicodeEncodeError:  # half a character, or a terminal that has not all of them
        print(json.dumps(record, default=str), flush=True)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end, or until Ctrl-C, which asyncio would otherwise only tell what awaits, and `input` does not."""
    signal.signal(signal.SIGINT, interrupt)
    return asyncio.run(work)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

"""The command line, `dateline`: one function a command. Only results go to stdout."""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

from rag import __version__, records, terminal
from rag.answer.wording import spoken
from rag.errors import DatelineError, StoreError, UsageError
from rag.feedback import Verdict, case_record, open_feedback
from rag.receipts import Asked, Receipt, new_identity, open_receipts, receipt_of
from rag.schema import Answer, Dates, Filters, Turn
from rag.settings import ROOT, Settings, settings

if TYPE_CHECKING:
    from rag.answer.engine import Engine
    from rag.store.store import State, Store

log = logging.getLogger(__name__)

BENCHMARKS = ("multihop-rag", "nomiracl", "ramdocs")

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

    replay = command(commands, "replay", replay_command, "show an answer again as it was given, without the store")
    replay.add_argument("receipt", metavar="ID", help="as `dateline ask` shows it under an answer")
    replay.add_argument("--json", action="store_true", help="print the record, but for the texts of passages")

    why = command(commands, "why", why_command, "explain an answer: what was found, used and rejected for it")
    why.add_argument("receipt", metavar="ID", help="as `dateline ask` shows it under an answer")

    watch = command(commands, "watch", watch_command, "list answers whose sources have changed since")
    watch.add_argument("--json", action="store_true", help="print JSON")

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

    conflicts = command(commands, "conflicts", conflicts_command, "list the points on which the articles disagree")
    conflicts.add_argument("topic", nargs="?", default="", metavar="QUERY", help="only in articles on this")
    conflicts.add_argument("--json", action="store_true", help="print JSON")
    add_filters(conflicts)

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

    evaluate = command(commands, "evaluate", evaluate_command, "score the answers to a set of questions")
    evaluate.add_argument(
        "--questions", type=Path, action="append", metavar="FILE",
        help="JSON Lines of cases (default: DATELINE_QUESTIONS or seeds/questions.jsonl; may be repeated)",
    )  # fmt: skip
    evaluate.add_argument("--articles", metavar="PATH", help="a folder or file to ask instead of the store")
    evaluate.add_argument("--json", type=Path, metavar="FILE", help="write the report")
    evaluate.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page to read")
    evaluate.add_argument("--baseline", type=Path, metavar="FILE", help="compare with an earlier report")
    evaluate.add_argument("--floors", type=Path, metavar="FILE", help="fail if a score is under its floor in this file")
    evaluate.add_argument("--judge", metavar="MODEL", help="let this model judge the answers as well, apart")
    evaluate.add_argument("--draft", type=positive, metavar="N", help="propose N cases for a person to accept instead")

    benchmark = command(commands, "benchmark", benchmark_command, "score Dateline on a public benchmark")
    benchmark.add_argument("name", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    benchmark.add_argument("folder", type=Path, metavar="DIR", help="where the benchmark is; see docs/evaluation.md")
    benchmark.add_argument("--limit", type=positive, metavar="N", help="only the first N questions")
    benchmark.add_argument("--fresh", action="store_true", help="begin anew instead of going on")
    benchmark.add_argument("--json", type=Path, metavar="FILE", help="write the figures")

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
        state = store.state()
        answer = run(engine.answer(options.question, filters=filters))
    identity = kept(answer, Asked(options.question, filters=filters), state, chosen)
    if options.json:
        print_json(records.answer_record(answer) | {"receipt": identity})
    else:
        terminal.show_answer(answer, identity)


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


def chat_command(options: argparse.Namespace, chosen: Settings) -> None:
    with opened_store(chosen) as store:
        run(converse(new_engine(chosen, store), store, chosen, chosen_filters(options)))


def replay_command(options: argparse.Namespace, chosen: Settings) -> None:
    receipt = found_receipt(options.receipt, chosen)
    if options.json:
        print_json({**receipt.record, "receipt": options.receipt})
    else:
        terminal.show_answer(receipt.answer, options.receipt)


def why_command(options: argparse.Namespace, chosen: Settings) -> None:
    from rag.explanation import explained

    receipt = found_receipt(options.receipt, chosen)
    terminal.show_explanation(explained(receipt, since(options.receipt, receipt, chosen)))


def found_receipt(identity: str, chosen: Settings) -> Receipt:
    """Find a receipt. Raises StoreError if there is none."""
    with open_receipts(chosen) as receipts:
        receipt = receipts.get(identity)
    if receipt is None:
        raise StoreError(f"There is no receipt {identity!r}. They are kept for 90 days, beside the store; see --data.")
    return receipt


def since(identity: str, receipt: Receipt, chosen: Settings) -> list[str]:
    """Say what has become of the sources of an answer, if the articles are there to be looked at."""
    from rag.watch import Watch

    try:
        with opened_store(chosen) as store, open_receipts(chosen) as receipts:
            return Watch(receipts, store).since(identity, receipt)
    except StoreError as error:
        return [f"The articles could not be looked at: {error}"]


def watch_command(options: argparse.Namespace, chosen: Settings) -> None:
    from rag.watch import Watch, affected_records

    with opened_store(chosen) as store, open_receipts(chosen) as receipts:
        new = Watch(receipts, store).look()
        affected = affected_records(receipts, new)
    if options.json:
        print_json({"affected": affected})
    else:
        terminal.show_affected(affected)


def check_command(options: argparse.Namespace, chosen: Settings) -> None:
    text = sys.stdin.read() if options.text == "-" else options.text
    with opened_store(chosen) as store:
        checked = run(new_engine(chosen, store).check(text, chosen_filters(options)))
    if options.json:
        print_json(records.check_record(text, checked))
    else:
        terminal.show_check(checked)


def conflicts_command(options: argparse.Namespace, chosen: Settings) -> None:
    from rag.conflicts.disagreements import Disagreements
    from rag.retrieve.retriever import Retriever

    with opened_store(chosen) as store:
        filters = chosen_filters(options)
        found = Disagreements(Retriever(store).as_of(filters.as_of)).find(options.topic, filters)
    if options.json:
        print_json(records.conflicts_record(found))
    else:
        terminal.show_conflicts(found)


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


def evaluate_command(options: argparse.Namespace, chosen: Settings) -> None:
    from rag import scoreboard
    from rag.evaluation.floors import broken, read_floors

    files = options.questions or [chosen.questions]
    baseline = earlier_report(options.baseline) if options.baseline else None
    floors = read_floors(options.floors) if options.floors else None
    for file in filter(None, (options.json, options.html)):
        check_writable(file)
    with asked_store(options.articles, chosen) as store:
        if options.draft:
            propose(options.draft, files, store, chosen)
            return
        report = evaluated(files, store, chosen, baseline)
    if options.judge and report["run"]["complete"]:
        report["judge"] = judged(report, chosen, options.judge)
    write_report(report, options.json, options.html)
    scoreboard.show_evaluation(report)
    if not report["run"]["complete"]:
        raise DatelineError(f"{report['run']['stopped']} The scores are of the questions asked until then.")
    if floors and (below := broken(report, floors)):
        raise DatelineError(f"Under a floor of {options.floors}: {'; '.join(below)}.")


def evaluated(files: Sequence[Path], store: Store, chosen: Settings, baseline: records.Record | None) -> records.Record:
    """Ask all questions and report; after Ctrl-C, on what there is."""
    from rag.evaluation.evaluate import full_report, subject
    from rag.evaluation.run import Run, ask_all

    of = subject(files, store, chosen)
    asking, begun, when = Run(of.cases), time.perf_counter(), datetime.now(UTC)
    try:
        with terminal.progress("Asking") as advance:
            run(ask_all(asking, of.asker, advance))
    except KeyboardInterrupt:
        asking.stopped = "Stopped."
    return full_report(of, asking, when, time.perf_counter() - begun, baseline)


def judged(report: records.Record, chosen: Settings, model: str) -> records.Record:
    """Let a model judge what was answered; after Ctrl-C, report what it has judged."""
    from rag.evaluation.judge import Judging, answered, judge_all, judge_report

    judging = Judging(answered(report["cases"]), model)
    try:
        with terminal.progress("Judging") as advance:
            run(judge_all(judging, chosen, advance))
    except KeyboardInterrupt:
        judging.stopped = "Stopped."
    return judge_report(judging, chosen)


def propose(number: int, files: Sequence[Path], store: Store, chosen: Settings) -> None:
    """Print draft cases as JSON Lines: first from feedback that is no case yet, then from the articles."""
    from rag.evaluation.cases import read_cases
    from rag.evaluation.drafts import proposed

    there = [file for file in files if file.exists()]
    with open_feedback(chosen) as log:
        proposal = run(proposed(number, store, log.read(), read_cases(there) if there else [], chosen))
    for draft in proposal.drafts:
        print_json(draft)
    if proposal.notice:
        print(f"dateline: {proposal.notice}", file=sys.stderr)


def earlier_report(file: Path) -> records.Record:
    """Read a report to compare with. Raises UsageError for anything else."""
    from rag.evaluation.evaluate import is_report

    try:
        report: records.Record = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"Cannot read {file}: {error}. Give a file that --json wrote.") from None
    if not is_report(report):
        raise UsageError(f"{file} is no report of this version. Give a file that --json wrote.")
    return report


def write_report(report: records.Record, data: Path | None, page: Path | None) -> None:
    if data:
        write_json(data, report)
    if page:
        from rag.evaluation.page import html

        write(page, html(report))


def write_json(file: Path, record: records.Record) -> None:
    write(file, json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def write(file: Path, text: str) -> None:
    """Write a file, half characters as their escapes. Raises UsageError if it cannot be written."""
    try:
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"Cannot write {file}: {error}. Name a file in a folder that can be written to.") from None


def check_writable(file: Path) -> None:
    """Raise UsageError now, and not after an hour of questions, if a file cannot be written."""
    folder = file.resolve().parent
    if file.is_dir() or not folder.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"Cannot write {file}. Name a file in a folder that is there and can be written to.")


@contextmanager
def asked_store(articles: str | None, chosen: Settings) -> Iterator[Store]:
    """Open the store, or for as long as it is used one that holds only these articles."""
    if articles is None:
        with opened_store(chosen) as store:
            yield store
        return
    from rag.ingest.pipeline import ingest

    with TemporaryDirectory(prefix="dateline-") as folder:
        alone = chosen.model_copy(update={"data": Path(folder), "chroma_url": ""})
        with opened_store(alone) as store:
            with terminal.progress() as advance:
                report = ingest([articles], store, advance)
            terminal.show_report(asdict(report), quiet=True)
            yield store


def benchmark_command(options: argparse.Namespace, chosen: Settings) -> None:
    from rag import scoreboard
    from rag.evaluation.benchmarks import run_benchmark

    if options.json:
        check_writable(options.json)
    with terminal.progress("Asking") as advance:
        figures = run(run_benchmark(options.name, options.folder, chosen, advance, options.fresh, options.limit))
    if options.json:
        write_json(options.json, figures)
    scoreboard.show_benchmark(figures)


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

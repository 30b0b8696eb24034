"""Words in, the command that they ask for out, with its options."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag import __version__
from rag.cli.articles import conflicts_command, ingest_command, show_command, sources_command
from rag.cli.bot import bot_command
from rag.cli.feedback import feedback_command
from rag.cli.measuring import benchmark_command, evaluate_command
from rag.cli.options import add_batch, add_filters, add_reading, day, positive
from rag.cli.questions import ask_command, chat_command, check_command, search_command
from rag.cli.receipts import replay_command, watch_command, why_command
from rag.cli.timelines import timeline_command
from rag.feedback import Verdict

BENCHMARKS = ("multihop-rag", "nomiracl", "ramdocs", "t17", "tempeval3")


def command_line() -> argparse.ArgumentParser:
    """Describe the whole command line."""
    top = argparse.ArgumentParser(
        prog="dateline", description="Answers from your news articles, each sentence with its source."
    )
    top.add_argument("--version", action="version", version=f"dateline {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for add in (
        add_ingest,
        add_ask,
        add_chat,
        add_replay,
        add_why,
        add_watch,
        add_check,
        add_search,
        add_timeline,
        add_conflicts,
        add_sources,
        add_show,
        add_feedback,
        add_evaluate,
        add_benchmark,
        add_bot,
    ):
        add(commands)
    return top


def add_ingest(commands: Any) -> None:
    added = command(commands, "ingest", ingest_command, "bring the store in line with files, folders or web pages")
    added.add_argument("paths", nargs="*", metavar="PATH", help="a file, a folder or a URL (default: seeds/articles)")
    added.add_argument("--json", action="store_true", help="print a report as JSON")
    added.add_argument("--quiet", action="store_true", help="print only what could not be read")


def add_ask(commands: Any) -> None:
    added = command(commands, "ask", ask_command, "answer a question")
    added.add_argument("question", nargs="?", metavar="QUESTION")
    add_batch(added)
    add_filters(added)


def add_chat(commands: Any) -> None:
    added = command(commands, "chat", chat_command, "hold a conversation")
    add_filters(added)


def add_replay(commands: Any) -> None:
    added = command(commands, "replay", replay_command, "show an answer again as it was given, without the store")
    added.add_argument("receipt", metavar="ID", help="as `dateline ask` shows it under an answer")
    added.add_argument("--json", action="store_true", help="print the record, but for the texts of passages")


def add_why(commands: Any) -> None:
    added = command(commands, "why", why_command, "explain an answer: what was found, used and rejected for it")
    added.add_argument("receipt", metavar="ID", help="as `dateline ask` shows it under an answer")


def add_watch(commands: Any) -> None:
    added = command(commands, "watch", watch_command, "list answers whose sources have changed since")
    added.add_argument("--json", action="store_true", help="print JSON")


def add_check(commands: Any) -> None:
    added = command(commands, "check", check_command, "hold each statement of a text against the articles")
    added.add_argument(
        "text", nargs="?", default="-", metavar="TEXT", help="a message (default, or `-`: standard input)"
    )
    added.add_argument("--json", action="store_true", help="print JSON")
    add_filters(added)


def add_search(commands: Any) -> None:
    added = command(commands, "search", search_command, "list the passages nearest to a query")
    added.add_argument("question", nargs="?", metavar="QUERY")
    added.add_argument("-k", type=positive, default=10, help="how many passages (default: 10)")
    add_batch(added)
    add_filters(added)


def add_timeline(commands: Any) -> None:
    added = command(commands, "timeline", timeline_command, "list what happened when, each event with its passages")
    added.add_argument("topic", nargs="?", default="", metavar="TOPIC", help="only what is near this")
    added.add_argument("--since", type=day, metavar="D", help="happened on or after: YYYY, YYYY-MM or YYYY-MM-DD")
    added.add_argument("--until", type=day, metavar="D", help="happened on or before")
    add_reading(added)
    added.add_argument("--limit", type=positive, metavar="N", help="only the N most important events")
    added.add_argument("--articles", metavar="PATH", help="a folder or file to read instead of the store")
    instead = added.add_mutually_exclusive_group()
    instead.add_argument("--json", action="store_true", help="print JSON")
    instead.add_argument("--csv", type=Path, metavar="FILE", help="write a line for each event (`-`: standard output)")
    instead.add_argument("--png", type=Path, metavar="FILE", help="draw a picture")
    instead.add_argument("--timelinejs", type=Path, metavar="FILE", help="write JSON for TimelineJS")


def add_conflicts(commands: Any) -> None:
    added = command(commands, "conflicts", conflicts_command, "list the points on which the articles disagree")
    added.add_argument("topic", nargs="?", default="", metavar="QUERY", help="only in articles on this")
    added.add_argument("--json", action="store_true", help="print JSON")
    add_filters(added)


def add_sources(commands: Any) -> None:
    added = command(commands, "sources", sources_command, "list the articles in the store")
    added.add_argument("--json", action="store_true", help="print JSON")


def add_show(commands: Any) -> None:
    added = command(commands, "show", show_command, "print one article's metadata and clean text")
    added.add_argument("document", metavar="ARTICLE", help="its name as in `dateline sources`")
    added.add_argument("--json", action="store_true", help="print JSON")


def add_feedback(commands: Any) -> None:
    added = command(commands, "feedback", feedback_command, "list what people said of answers")
    added.add_argument("--verdict", choices=[verdict.value for verdict in Verdict], help="only this verdict")
    added.add_argument("--identify", action="store_true", help="let JSON and export say who, and on which server")
    instead = added.add_mutually_exclusive_group()
    instead.add_argument("--json", action="store_true", help="print JSON")
    instead.add_argument("--export", type=Path, metavar="FILE", help="write draft evaluation cases as JSON Lines")
    instead.add_argument("--forget", metavar="PERSON", help="delete all that the person with this id gave")


def add_evaluate(commands: Any) -> None:
    added = command(commands, "evaluate", evaluate_command, "score the answers to a set of questions")
    added.add_argument(
        "--questions", type=Path, action="append", metavar="FILE",
        help="JSON Lines of cases (default: DATELINE_QUESTIONS or seeds/questions.jsonl; may be repeated)",
    )  # fmt: skip
    added.add_argument("--articles", metavar="PATH", help="a folder or file to ask instead of the store")
    added.add_argument("--json", type=Path, metavar="FILE", help="write the report")
    added.add_argument("--html", type=Path, metavar="FILE", help="write the report as a page to read")
    added.add_argument("--baseline", type=Path, metavar="FILE", help="compare with an earlier report")
    added.add_argument("--floors", type=Path, metavar="FILE", help="fail if a score is under its floor in this file")
    added.add_argument("--judge", metavar="MODEL", help="let this model judge the answers as well, apart")
    added.add_argument("--draft", type=positive, metavar="N", help="propose N cases for a person to accept instead")


def add_benchmark(commands: Any) -> None:
    added = command(commands, "benchmark", benchmark_command, "score Dateline on a public benchmark")
    added.add_argument("name", choices=BENCHMARKS, metavar="NAME", help=", ".join(BENCHMARKS))
    added.add_argument("folder", type=Path, metavar="DIR", help="where the benchmark is; see docs/evaluation.md")
    added.add_argument("--limit", type=positive, metavar="N", help="only the first N questions")
    added.add_argument("--fresh", action="store_true", help="begin anew instead of going on")
    added.add_argument("--json", type=Path, metavar="FILE", help="write the figures")


def add_bot(commands: Any) -> None:
    command(commands, "bot", bot_command, "serve answers in Discord")


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

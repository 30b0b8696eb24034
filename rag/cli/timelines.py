"""The command on what happened when."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from rag import records, terminal
from rag.cli.options import Options
from rag.cli.output import check_writable, print_json, write_bytes
from rag.cli.running import run
from rag.cli.stores import asked_store
from rag.errors import UsageError
from rag.schema import Filters, Timeline
from rag.settings import Settings
from rag.timeline.wording import summary

STDOUT = Path("-")


def timeline_command(options: Options, chosen: Settings) -> None:
    file = options.csv or options.png or options.timelinejs
    check_period(options)
    check_file(file, is_picture=bool(options.png))
    timeline = made(options, chosen)
    if options.json:
        print_json(records.timeline_record(timeline))
    elif file:
        put(file, content(timeline, options))
        if file != STDOUT:
            print(terminal.printable(f"{summary(timeline).removesuffix('.')}. Written to {file}."))
    else:
        terminal.show_timeline(timeline)


def check_period(options: Options) -> None:
    """Raise UsageError for a period that ends before it begins."""
    if options.since and options.until and options.since.first > options.until.last:
        raise UsageError(f"--since {options.since} is later than --until {options.until}. Give the earlier date first.")


def check_file(file: Path | None, *, is_picture: bool) -> None:
    """Raise UsageError before anything is read, if what is made of it could not be put there."""
    if file == STDOUT and is_picture and sys.stdout.isatty():
        raise UsageError("A picture cannot be shown here. Name a file, for example: --png timeline.png")
    if file and file != STDOUT:
        check_writable(file)


def made(options: Options, chosen: Settings) -> Timeline:
    """Make the timeline that is asked for."""
    from rag.timeline.timelines import open_timelines

    filters = Filters(as_of=options.as_of, outlets=tuple(options.outlet))
    with (
        asked_store(options.articles, chosen) as store,
        open_timelines(chosen, store, keep=options.articles is None) as timelines,
        terminal.progress("Reading what happened") as advance,
    ):
        return run(
            timelines.timeline(options.topic, filters, options.since, options.until, options.limit, advance=advance)
        )


def content(timeline: Timeline, options: Options) -> bytes:
    """Write a timeline in the format that is asked for; half characters of CSV become their escapes."""
    from rag.timeline import formats

    if options.png:
        from rag.timeline import chart

        return chart.draw(timeline, options.as_of.last if options.as_of else date.today())
    if options.csv:
        return formats.csv_text(timeline).encode("utf-8", "backslashreplace")
    return (json.dumps(formats.timelinejs(timeline), indent=1) + "\n").encode()


def put(file: Path, content: bytes) -> None:
    """Write to a file, or to standard output."""
    if file != STDOUT:
        write_bytes(file, content)
        return
    sys.stdout.buffer.write(content)
    sys.stdout.flush()

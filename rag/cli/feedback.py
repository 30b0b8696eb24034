"""The command on what people said of answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from rag import records, terminal
from rag.cli.options import Options
from rag.cli.output import print_json
from rag.errors import UsageError
from rag.feedback import Verdict, case_record, open_feedback
from rag.settings import Settings


def feedback_command(options: Options, chosen: Settings) -> None:
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

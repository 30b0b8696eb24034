"""A file of records in, one record a line out, in the same order."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Awaitable, Callable, Iterator

from rag import records
from rag.cli.output import print_json
from rag.errors import DatelineError, UsageError

log = logging.getLogger(__name__)


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

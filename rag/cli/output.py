"""Records, texts and bytes in, JSON on stdout or files out."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from rag.errors import UsageError
from rag.records import Record


def print_json(record: object) -> None:
    text = json.dumps(record, ensure_ascii=False, default=str)
    try:
        print(text, flush=True)
    except UnicodeEncodeError:  # half a character, or a terminal that has not all of them
        print(json.dumps(record, default=str), flush=True)


def write_json(file: Path, record: Record) -> None:
    write(file, json.dumps(record, ensure_ascii=False, indent=1) + "\n")


def write(file: Path, text: str) -> None:
    """Write a text file, half characters as their escapes. Raises UsageError if it cannot be written."""
    write_bytes(file, text.encode("utf-8", "backslashreplace"))


def write_bytes(file: Path, content: bytes) -> None:
    """Write a file whole or not at all. Raises UsageError if it cannot be written."""
    try:
        replace(file.resolve(), content)
    except OSError as error:
        raise UsageError(f"Cannot write {file}: {error}. Name a file in a folder that can be written to.") from None


def replace(file: Path, content: bytes) -> None:
    """Put a finished file in the place of an earlier one; a device or a pipe takes what it is given."""
    if file.exists() and not file.is_file():
        file.write_bytes(content)
        return
    unfinished = file.with_name(f".dateline-{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        if file.exists():
            shutil.copymode(file, unfinished)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


def check_writable(file: Path) -> None:
    """Raise UsageError now, and not after an hour of questions, if a file cannot be written."""
    folder = file.resolve().parent
    if file.is_dir() or not folder.is_dir() or not os.access(file if file.exists() else folder, os.W_OK):
        raise UsageError(f"Cannot write {file}. Name a file in a folder that is there and can be written to.")

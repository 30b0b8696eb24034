"""The command line as tests run it: in their own process, or as one of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rag.settings import ROOT

COMMAND = [sys.executable, "-c", "import sys; from rag.cli import main; sys.exit(main())"]
# as in the tests' own process: no `.env` decides anything, and no server but the one a test names is asked;
# what is compiled is kept, or each process would compile all of Dateline
SURROUNDINGS = {
    "OPENAI_API_KEY": "", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1", "OPENAI_TIMEOUT": "0.5",
    "PYTHONDONTWRITEBYTECODE": "",
}  # fmt: skip


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def records(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]
Change = Callable[[str, str], None]


def one_line(ran: Ran, status: int) -> str:
    """Return the line that says what went wrong, which is all there is."""
    assert (ran.status, ran.out) == (status, "")
    assert ran.err.startswith("dateline: ")
    assert ran.err.count("\n") == 1
    return ran.err


def start(*arguments: str, stdout: int = subprocess.PIPE, **environment: str) -> subprocess.Popen[str]:
    """Start a command as a process of its own."""
    return subprocess.Popen(
        [*COMMAND, *arguments], cwd=ROOT, env=os.environ | SURROUNDINGS | environment, text=True,
        stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE,
    )  # fmt: skip


def told_twice(*arguments: str) -> list[str]:
    """Run a command in two processes that order what is in a set differently, and return what each prints."""
    running = [start(*arguments, PYTHONHASHSEED=seed) for seed in ("1", "2")]
    return [process.communicate(timeout=120)[0] for process in running]

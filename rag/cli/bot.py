"""The command that serves answers in Discord."""

from __future__ import annotations

import os
import sys

from rag.cli.options import Options
from rag.settings import Settings


def bot_command(options: Options, chosen: Settings) -> None:
    """Become the bot, which is a program of its own that uses this one."""
    environment = os.environ | {"DATELINE_DATA": str(chosen.data)}
    program = [sys.executable, "-m", "bot", *(["--verbose"] if options.verbose else [])]
    os.execve(sys.executable, program, environment)  # noqa: S606  # our own interpreter, without a shell

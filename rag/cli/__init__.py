"""The command line, `dateline`: one function a command. Only results go to stdout."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence

from rag.cli.options import Options
from rag.cli.parser import command_line
from rag.errors import DatelineError, UsageError
from rag.settings import Settings, settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 could not be done, 2 wrong usage."""
    options = command_line().parse_args(arguments)
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


def chosen_settings(options: Options) -> Settings:
    return settings().model_copy(update={"data": options.data.resolve()} if options.data else {})

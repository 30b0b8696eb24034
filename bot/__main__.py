"""`python -m bot`: the settings in, a bot that serves until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress

from rag.errors import DatelineError, SettingsError
from rag.settings import Settings, settings

SWITCH_INTERVAL = 0.0005  # seconds; threads that search give way to the one that acknowledges, which has three seconds
NOT_SET = "DISCORD_TOKEN is not set. Make an application as the README says, and put its bot's token into .env."


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve, and return the exit status: 0 stopped as asked, 1 could not go on, for a reason that stderr says."""
    parser = argparse.ArgumentParser(prog="dateline bot", description="Serve answers in Discord.")
    parser.add_argument("--verbose", action="store_true", help="log to stderr what happens")
    options = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for ours in ("bot", "rag"):  # what libraries log of a request may hold a token
        logging.getLogger(ours).setLevel(logging.DEBUG if options.verbose else logging.INFO)
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        asyncio.run(serve(usable(settings())))
    except DatelineError as error:
        print(f"dateline: {error}", file=sys.stderr)
        return 1
    return 0


def usable(chosen: Settings) -> Settings:
    """Check what can be checked before anything heavy is imported. Raises SettingsError."""
    token = chosen.discord_token.get_secret_value()
    if not token:
        raise SettingsError(NOT_SET)
    if not token.isascii() or any(map(str.isspace, token)) or not token.isprintable():
        raise SettingsError("DISCORD_TOKEN is not a token: it has blanks or other odd characters. Copy it anew.")
    return chosen


async def serve(chosen: Settings) -> None:
    """Serve until SIGTERM or SIGINT. Raises SettingsError if Discord turns the bot away, StoreError for articles."""
    from bot.client import Dateline

    bot = Dateline(chosen)
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no such handlers, and ends the process
            loop.add_signal_handler(stop, bot.stop)
    await bot.serve()


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    os._exit(status)  # an ingestion that its thread is still at may be killed, and would take longer than a stop may

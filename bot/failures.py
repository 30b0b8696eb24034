"""An error in, what a person is told of it out: its own words if meant for people, else a reference to the log."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator

from discord import app_commands

from bot.card import Card, Colour, note
from bot.markdown import escaped
from rag.errors import DatelineError

log = logging.getLogger(__name__)

NOT_ALLOWED = "Only members who may manage this server can do that."
ONLY_IN_SERVER = "That works in a server only."


def failure_card(error: BaseException) -> Card:
    """Say what went wrong. What is not meant for people is logged under a reference that they can pass on."""
    return note(escaped(words_for(error)), Colour.PROBLEM)


def words_for(error: BaseException) -> str:
    """Find the words that an error has for people, in itself or in what caused it."""
    for each in causes(error):
        if isinstance(each, DatelineError):
            return str(each)
        if isinstance(each, app_commands.MissingPermissions):
            return NOT_ALLOWED
        if isinstance(each, app_commands.NoPrivateMessage):
            return ONLY_IN_SERVER
    reference = secrets.token_hex(4)
    log.error("reference %s", reference, exc_info=error)
    return f"Something went wrong on my side. Whoever runs me finds it in the log under {reference}."


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, what it was raised from, and so on."""
    while error is not None:
        yield error
        error = error.original if isinstance(error, app_commands.CommandInvokeError) else error.__cause__

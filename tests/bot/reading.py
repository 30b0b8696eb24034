"""A message of the bot's in, what a person reads in it out. Pure functions on what Discord shows."""

from __future__ import annotations

import re

from tests.discord_server import Message
from tests.discord_server.state import Version

DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_MARKED = re.compile(rf"^(?!-# )(.*?[^ {DIGITS}])([{DIGITS}][ {DIGITS}]*)$", re.MULTILINE)
_SOURCE = re.compile(rf"^-# ([ {DIGITS}]+) (\S.*)$", re.MULTILINE)


def claims(shown: Message | Version) -> list[str]:
    """List what an answer claims, without the markers that each claim ends with."""
    return [text for text, _ in _MARKED.findall(shown.text)]


def markers(shown: Message | Version) -> list[tuple[int, ...]]:
    """List the markers of each claim."""
    return [numbers(superscripts) for _, superscripts in _MARKED.findall(shown.text)]


def sources(shown: Message | Version) -> dict[int, str]:
    """List the sources below an answer by their numbers."""
    return {number: line for superscripts, line in _SOURCE.findall(shown.text) for number in numbers(superscripts)}


def numbers(superscripts: str) -> tuple[int, ...]:
    """Read small numbers: `¹ ¹²`."""
    return tuple(int(each.translate(str.maketrans(DIGITS, "0123456789"))) for each in superscripts.split())


def resolves(shown: Message | Version) -> bool:
    """Tell whether a message resolves each of its markers, and lists nothing that no marker stands for."""
    return {number for each in markers(shown) for number in each} == set(sources(shown))


def accent(message: Message) -> int:
    """Tell the colour beside a message."""
    return int(message.now.components[0]["accent_color"])


def is_whole(message: Message) -> bool:
    """Tell whether an answer is complete: it can be judged."""
    return "👍" in message.buttons

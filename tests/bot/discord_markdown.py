"""Discord's markdown in, what a reader sees out, run by run. It forgives nothing: what may format has to be whole.

Written from how clients show a message, not from how the bot writes one: a mark of formatting that is neither escaped
nor one of a pair is an error here, though a client might show it as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

BLOCKS = {
    "quote": r" *>(?: |$)",
    "heading": r" *#{1,3}(?:\s|$)",
    "small": r" *-#\s*",
    "list": r" *(?:[-*+]|\d+[.)])(?:\s|$)",
}
PAIRS = {"**": "bold", "*": "italic"}
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")


class MisreadError(AssertionError):
    """Something is formatting, or might be, that is not whole."""


@dataclass(frozen=True, slots=True)
class Run:
    """Characters that are shown alike. `kinds` says how, as `bold` or `link`."""

    text: str
    kinds: frozenset[str] = frozenset()
    url: str = ""


def seen(text: str) -> str:
    """Leave of a text what a reader sees: no invisible characters, and one blank for any white space."""
    kept = "".join(" " if letter.isspace() else letter for letter in text if letter.isspace() or is_seen(letter))
    return " ".join(kept.split()).translate(str.maketrans("＠［］", "@[]"))


@cache
def is_seen(letter: str) -> bool:
    return letter == " " or not (unicodedata.category(letter)[0] in "CZ" or UNSEEN.match(letter))


def read(markdown: str) -> list[Run]:
    """Read a text. Raises MisreadError for what could ping, link or format without being whole."""
    if re.search("@everyone|@here|<@", markdown, re.IGNORECASE):  # looked for before anything else, escapes included
        raise MisreadError(f"pings: {markdown!r}")
    if hidden := [letter for letter in markdown if letter != "\n" and not is_seen(letter)]:
        raise MisreadError(f"invisible: {hidden}")
    lines = (merged(line_of(line)) for line in markdown.split("\n"))
    return merged(run for number, line in enumerate(lines) for run in ([Run("\n")] * (number > 0) + line))


def line_of(line: str) -> list[Run]:
    kinds: frozenset[str] = frozenset()
    while block := next((name for name, mark in BLOCKS.items() if re.match(mark, line)), None):
        line = line[re.match(BLOCKS[block], line).end() :]  # type: ignore[union-attr]
        kinds |= {block}
    runs, rest = inline(line, kinds, "")
    if rest:
        raise MisreadError(f"ends nothing: {rest!r}")
    return runs


def inline(text: str, kinds: frozenset[str], end: str) -> tuple[list[Run], str]:
    """Read up to what ends this; return the rest behind it as well."""
    runs: list[Run] = []
    while text:
        if end and text.startswith(end):
            return runs, text[len(end) :]
        found, text = one(text, kinds)
        runs += found
    if end:
        raise MisreadError(f"{end!r} is missing after {runs}")
    return runs, ""


def one(text: str, kinds: frozenset[str]) -> tuple[list[Run], str]:
    if escape := re.match(r"\\([^0-9A-Za-z\s])", text):
        return [Run(escape[1], kinds)], text[2:]
    if code := re.match(r"`([^`]+)`(?!`)", text):
        return [Run(code[1], kinds | {"code"})], text[code.end() :]
    if mark := re.match(r"\*{1,2}", text):
        found, rest = inline(text[mark.end() :], kinds | {PAIRS[mark[0]]}, mark[0])
        return nonempty(found, text), rest
    if text[0] == "[":
        return linked(text, kinds)
    if words := re.match(r"[^\\*_~`|<\[\]:]+", text):
        return [Run(words[0], kinds)], text[words.end() :]
    if text[0] != ":" or re.match(r"://|:[\w+-]+:", text):
        raise MisreadError(f"stray: {text[:40]!r}")
    return [Run(":", kinds)], text[1:]


def linked(text: str, kinds: frozenset[str]) -> tuple[list[Run], str]:
    label, rest = inline(text[1:], kinds | {"link"}, "]")
    target = re.match(r"\(<(https?://[^\s<>()\\]+)>\)", rest)
    if target is None or any(letter in "[]" for run in label for letter in run.text):
        raise MisreadError(f"a broken link: {text[:80]!r}")
    return [Run(run.text, run.kinds, target[1]) for run in nonempty(label, text)], rest[target.end() :]


def nonempty(runs: list[Run], text: str) -> list[Run]:
    if not "".join(run.text for run in runs).strip():
        raise MisreadError(f"formats nothing: {text[:40]!r}")
    return runs


def merged(runs: Iterator[Run] | list[Run]) -> list[Run]:
    """Join neighbours that are shown alike."""
    together: list[Run] = []
    for run in runs:
        if together and (together[-1].kinds, together[-1].url) == (run.kinds, run.url):
            together[-1] = Run(together[-1].text + run.text, run.kinds, run.url)
        else:
            together.append(run)
    return together


def plain(markdown: str) -> str:
    """Read a text that has to be without any formatting."""
    runs = read(markdown)
    if formatted := [run for run in runs if run.kinds]:
        raise MisreadError(f"formatted: {formatted}")
    return "".join(run.text for run in runs)


def shown(runs: list[Run]) -> str:
    return "".join(run.text for run in runs)

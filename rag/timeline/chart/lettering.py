"""A text and a style in, the lines that fit a width out; the fonts come with the package. Pure."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from pathlib import Path
from unicodedata import combining

from PIL import ImageFont

from rag.gate.spelling import visible

FONTS = Path(__file__).parent / "fonts"
ELLIPSIS = "…"
READ_AT_MOST = 2000  # characters of a text; four lines hold some 200


@dataclass(frozen=True, slots=True)
class Style:
    """How words look: their size in pixels, and a colour such as `#F2F3F5`."""

    size: int
    colour: str
    bold: bool = False

    @property
    def line_height(self) -> int:
        """Leave room for the highest and the lowest letter, and some between lines."""
        return round(self.size * 1.3)

    @property
    def font(self) -> ImageFont.FreeTypeFont:
        return font(self.size, self.bold)

    def width(self, text: str) -> int:
        """Measure a line, in pixels to the right of where it begins."""
        return self.reach(text)[1]

    def reach(self, text: str) -> tuple[int, int]:
        """Say how far from where it begins the letters of a line reach, which may be a little to the left, too."""
        left, _, right, _ = self.font.getbbox(text)
        return floor(left), ceil(right)


@cache
def font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    """Load a font; DejaVu has the Latin, Greek, Cyrillic, Arabic and Hebrew letters, and a box for any other."""
    return ImageFont.truetype(FONTS / f"DejaVuSansCondensed{'-Bold' if bold else ''}.ttf", size)


def wrapped(text: str, style: Style, width: int, most: int) -> list[str]:
    """Break a text into at most `most` lines that fit; what is too long is cut at a word, and ends in …."""
    lines: list[str] = []
    for word in fitting(unstacked(visible(text[:READ_AT_MOST])).split(), style, width):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and style.width(longer) <= width:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            return [*lines[:-1], cut(lines[-1], style, width)]
    return lines


def unstacked(text: str) -> str:
    """Drop the accents of a letter but for two: more would stand in the line above."""
    return "".join(
        letter for place, letter in enumerate(text) if not all(map(combining, text[max(0, place - 2) : place + 1]))
    )


def fitting(words: Iterable[str], style: Style, width: int) -> Iterator[str]:
    """Chop the words that no line could hold."""
    for word in words:
        rest = word
        while style.width(rest) > width:
            end = length_that_fits(rest, style, width)
            yield rest[:end]
            rest = rest[end:]
        yield rest


def length_that_fits(word: str, style: Style, width: int) -> int:
    """Count the letters of a word that fit, but at least one."""
    return max(1, bisect(range(1, len(word)), width, key=lambda end: style.width(word[:end])))


def cut(line: str, style: Style, width: int) -> str:
    """End a line in …, after the last word that leaves room for it, or within a word if none does."""
    kept = line
    while style.width(kept + ELLIPSIS) > width:
        kept = kept.rpartition(" ")[0] or kept[:-1]
    return kept.rstrip(",;:–—- ") + ELLIPSIS

"""A timeline in, pictures for a phone out: dark, no label on another, dates only as exact as they are known. Pure.

Drawn with Pillow, which llama-index brings anyway, and fonts of its own: no display, no settings, no files written.
"""

from __future__ import annotations

from datetime import date

from rag.schema import Timeline
from rag.timeline.chart.layout import sheet, sheets
from rag.timeline.chart.painting import painted


def draw(timeline: Timeline, today: date | None = None) -> bytes:
    """Draw a timeline as one PNG, 1080 pixels wide and as high as it needs; of very many events the most important.

    What happens after `today` is marked as still ahead. A timeline without events becomes a picture that says so.
    """
    return painted(sheet(timeline, today))


def pictures(timeline: Timeline, per_picture: int = 12, today: date | None = None) -> list[bytes]:
    """Draw a timeline as PNGs that a phone shows without scrolling, each of `per_picture` events at most."""
    return [painted(each) for each in sheets(timeline, per_picture, today)]

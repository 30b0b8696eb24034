"""What was measured of some sizes in, a picture out: SVG with both axes logarithmic."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Measured = dict[str, Any]
Lines = Mapping[str, Callable[[Measured], float]]

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, LABELS = 300, 300, 60, 40, 50, 120  # of a panel, and beside it
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700")
STYLE = "font-family: sans-serif; font-size: 12px"

PANELS: dict[str, Lines] = {
    "a question (ms)": {
        "p95": lambda each: each["ask"]["milliseconds"]["everything"]["p95"],
        "p50": lambda each: each["ask"]["milliseconds"]["everything"]["p50"],
        "one week": lambda each: each["ask"]["milliseconds"]["one week"]["p50"],
        "bare Chroma": lambda each: each["ask"]["milliseconds"]["bare"]["p50"],
    },
    "seconds": {
        "first answer": lambda each: each["start"]["first"],
        "store open": lambda each: each["start"]["open"],
        "article found": lambda each: each["adding"]["seen"],
        "article added": lambda each: each["adding"]["adding"],
    },
    "MB": {
        "disk": lambda each: sum(each["disk"].values()),
        "disk, Chroma": lambda each: each["disk"]["Chroma"],
        "memory": lambda each: each["ask"]["rss"] - each["ask"]["files"],
        "bare Chroma": lambda each: each["bare"]["rss"] - each["bare"]["files"],
    },
}


def plot(sizes: Mapping[int, Measured]) -> str:
    """Draw a panel for time, for start and additions, and for space, each over the number of passages."""
    across = [each["ask"]["counts"]["passages"] for each in sizes.values()]
    panels = [
        "".join(panel(title, across, {name: [of(each) for each in sizes.values()] for name, of in lines.items()}))
        for title, lines in PANELS.items()
    ]
    step = LEFT + WIDTH + LABELS
    drawn = "".join(f'<g transform="translate({number * step} 0)">{each}</g>' for number, each in enumerate(panels))
    size = f'viewBox="0 0 {step * len(panels)} {TOP + HEIGHT + BOTTOM}"'
    ground = '<rect width="100%" height="100%" fill="white"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} style="{STYLE}">{ground}{drawn}</svg>\n'


def panel(title: str, across: Sequence[int], lines: Mapping[str, Sequence[float]]) -> Iterator[str]:
    """Draw some lines, each with its name at its end, over axes with a mark at each power of ten."""
    values = [value for line in lines.values() for value in line]
    x, y = scale(across, LEFT, LEFT + WIDTH), scale(values, TOP + HEIGHT, TOP)
    yield text(LEFT, TOP - 16, title, "start", weight="bold")
    for power in powers(values):
        yield f'<path d="M{LEFT} {y(power):.1f}h{WIDTH}" stroke="#d0d7de"/>' + text(
            LEFT - 8, y(power) + 4, f"{power:g}", "end"
        )
    for value in across:
        yield text(x(value), TOP + HEIGHT + 22, f"{value:,}", "middle")
    yield text(LEFT + WIDTH / 2, TOP + HEIGHT + 42, "passages", "middle")
    ends = spread([y(line[-1]) for line in lines.values()])
    for (name, line), colour, end in zip(lines.items(), COLOURS, ends, strict=False):
        points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in zip(across, line, strict=True))
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        yield text(LEFT + WIDTH + 6, end + 4, name, "start", colour)


def scale(values: Sequence[float], low: float, high: float) -> Callable[[float], float]:
    """Map the whole powers of ten around some values to a span."""
    marks = powers(values)
    first, last = math.log10(marks[0]), math.log10(marks[-1])
    return lambda value: low + (math.log10(value) - first) / (last - first) * (high - low)


def powers(values: Sequence[float]) -> list[float]:
    """List the powers of ten from below the least value to above the greatest."""
    first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)) + 1e-9)
    return [10.0**power for power in range(first, max(last, first + 1) + 1)]


def spread(places: Sequence[float], apart: float = 15) -> list[float]:
    """Move labels down where they would cover each other."""
    moved = dict(enumerate(places))
    last = -math.inf
    for number in sorted(moved, key=moved.__getitem__):
        moved[number] = last = max(moved[number], last + apart)
    return [moved[number] for number in range(len(places))]


def text(x: float, y: float, said: str, anchor: str, colour: str = "#1f2328", weight: str = "normal") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">{said}</text>'

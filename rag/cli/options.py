"""What several commands take, and what of it a command gets."""

from __future__ import annotations

import argparse

from rag.schema import Dates, Filters

Options = argparse.Namespace


def add_batch(to: argparse.ArgumentParser) -> None:
    to.add_argument("--batch", metavar="FILE", help="JSON Lines in (`-`: standard input), JSON Lines out, same order")
    to.add_argument("--json", action="store_true", help="print JSON")


def add_filters(to: argparse.ArgumentParser) -> None:
    """Add the filters that have the same names everywhere."""
    to.add_argument("--since", type=day, metavar="D", help="published on or after: YYYY, YYYY-MM or YYYY-MM-DD")
    to.add_argument("--until", type=day, metavar="D", help="published on or before")
    add_reading(to)


def add_reading(to: argparse.ArgumentParser) -> None:
    """Add the filters that limit what is read, and not when it was published."""
    to.add_argument("--as-of", type=day, metavar="D", help="pretend today is D: nothing published later is read")
    to.add_argument("--outlet", action="append", default=[], metavar="NAME", help="only this outlet (may be repeated)")


def day(text: str) -> Dates:
    try:
        return Dates.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date; write YYYY, YYYY-MM or YYYY-MM-DD") from None


def positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def chosen_filters(options: Options) -> Filters:
    return Filters(options.since, options.until, options.as_of, tuple(options.outlet))

"""Text and attributes in, well-formed HTML out: whatever is not already `Html` is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

# what neither HTML nor XML can hold: control characters but tab and newline, lone surrogates, non-characters
UNPRINTABLE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Html(str):
    """HTML, as opposed to text that has yet to be escaped."""

    __slots__ = ()


def escaped(text: str) -> Html:
    """Escape text unless it is HTML already; what cannot be shown becomes U+FFFD."""
    return text if isinstance(text, Html) else Html(html.escape(UNPRINTABLE.sub("\ufffd", text)))


def together(parts: Iterable[str]) -> Html:
    """Put parts next to each other."""
    return Html("".join(map(escaped, parts)))


def element(selector: str, *children: str, **attributes: str) -> Html:
    """Write an element: `element("a.link", "text", href=url)` is `<a class="link" href="…">text</a>`."""
    tag, *classes = selector.split(".")
    named = {"class": " ".join(classes)} if classes else {}
    written = "".join(f' {name}="{escaped(value)}"' for name, value in {**named, **attributes}.items())
    return Html(f"<{tag}{written}>{together(children)}</{tag}>")

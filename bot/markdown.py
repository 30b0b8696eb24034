"""Any text in, Discord markdown that shows it as it is out. Pure; only here is known what Discord would format."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

URL_LIMIT = 256  # characters; a longer address leaves too little of a message for what it says
SUPERSCRIPTS = tuple("⁰¹²³⁴⁵⁶⁷⁸⁹")
# Letters and marks by their category that show as nothing; the last two ranges choose between forms of a character.
_BLANK = dict.fromkeys(
    [
        *map(ord, "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"),
        *range(0xFE00, 0xFE10),
        *range(0xE0100, 0xE01F0),
    ]
)
_BRACKETS = str.maketrans("[]", "［］")  # Discord pairs those in a label, escaped or not, to find where it ends
_FORMATTING = re.compile(r"([\\*_~`|<\[\]]|:(?=//|[\w+-]+:))")  # a colon can begin an emoji's name, or make an address
_BLOCK = re.compile(r"^(?=-#|(?:#{1,3}|>{1,3}|[-+])(?: |$))", re.MULTILINE)  # a block begins with its line
_NUMBERED = re.compile(r"^(\d+)(?=[.)](?: |$))", re.MULTILINE)
_PING = re.compile(r"@(?=everyone|here)|(?<=\\<)@", re.IGNORECASE)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)*[^\W_](?:[\w-]*[^\W_])?")


def visible(text: str) -> str:
    """Leave out control and invisible characters but line breaks, and fold white space."""
    shown = "".join(letter if letter.isprintable() or letter == "\n" else " " * letter.isspace() for letter in text)
    lines = (" ".join(line.split()) for line in shown.translate(_BLANK).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def escaped(text: str) -> str:
    """Write a text so that Discord shows its characters and formats, links and pings nothing.

    An `@` that could ping becomes a full-width one: those who are pinged are looked for before escapes are.
    """
    marked = _FORMATTING.sub(r"\\\1", visible(text))
    marked = _NUMBERED.sub(r"\1\\", _BLOCK.sub(r"\\", marked))
    return _PING.sub("＠", marked)


def line(text: str) -> str:
    """Write a text as `escaped` does, on one line."""
    return escaped(" ".join(text.split()))


def link(label: str, url: str) -> str:
    """Write escaped markdown as a link, or as it is if the address is not one that a click could open."""
    address = safe_url(url)
    return f"[{label.translate(_BRACKETS)}](<{address}>)" if address and label else label


def safe_url(url: str) -> str:
    """Encode a web address so that nothing in it can end a link; empty if it is no address of the web."""
    try:
        parts = urlsplit(visible(url))
        known = parts.scheme in ("http", "https") and _HOST.fullmatch(parts.hostname or "") and (parts.port or 1)
    except ValueError:  # a port or a host that is none
        return ""
    encoded = quote(parts.geturl().encode("utf-8", "ignore"), safe="/:?#@!$&'*+,;=%~-._") if known else ""
    address = _PING.sub("%40", encoded)
    return address if len(address) <= URL_LIMIT else ""


def superscript(number: int) -> str:
    """Write a number small and high: `¹²`."""
    return "".join(SUPERSCRIPTS[int(digit)] for digit in str(number))


def length(text: str) -> int:
    """Count characters as Discord's clients do, in UTF-16 code units: never fewer than its servers count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, limit: int) -> str:
    """Cut plain text at a word so that it is at most `limit` long, and show that it is cut."""
    if length(text) <= limit:
        return text
    kept = text[: max(0, limit - 2)]
    while kept and length(kept) > limit - 2:
        kept = kept[:-1]
    at_word = kept.rsplit(" ", 1)[0] if " " in kept[len(kept) // 2 :] else kept
    return f"{at_word} …" if at_word else "…"


def fitting(text: str, limit: int) -> str:
    """Escape a text, cut as far as its escaped form needs to be at most `limit` long."""
    plain = visible(text)
    while length(marked := escaped(plain)) > limit:
        plain = shortened(plain, max(1, length(plain) * limit // (length(marked) + 1)))
        if length(plain) <= 3:
            return "…"
    return marked


def unescaped(markdown: str) -> str:
    """Read back a text that `escaped` wrote."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", markdown.replace("＠", "@"))

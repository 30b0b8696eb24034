"""Discord's markdown in, HTML out: by the rules of its clients, which are not those of CommonMark."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.pictures.element import Html, element, together

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"year": 31_536_000, "month": 2_592_000, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
BULLETS = "•◦▪"  # by the depth of a list


@dataclass(frozen=True, slots=True)
class Reader:
    """What a client knows besides the text: the time, and the names behind the ids of mentions."""

    now: datetime
    names: Mapping[str, str] = field(default_factory=dict)


Match = re.Match[str]
Render = Callable[[Match, Reader], Html]


class Grammar:
    """Rules by name, each a pattern and what to make of its matches; where several match, the first one counts."""

    def __init__(self, rules: Mapping[str, tuple[str, Render]]) -> None:
        self._renders = {name: render for name, (_, render) in rules.items()}
        patterns = (f"(?P<{name}>{pattern})" for name, (pattern, _) in rules.items())
        self._any = re.compile("|".join(patterns), re.DOTALL | re.MULTILINE)

    def html(self, text: str, reader: Reader, between: Callable[[str], str]) -> Html:
        """Render each match by its rule, which its last group is named after, and `between` what stands between."""
        parts, at = [], 0
        for match in self._any.finditer(text):
            parts += [between(text[at : match.start()]), self._renders[str(match.lastgroup)](match, reader)]
            at = match.end()
        return together([*parts, between(text[at:])])


def blocks(text: str, reader: Reader) -> Html:
    """Render a whole text: headings, subtext, quotes, lists, code blocks, and the lines between them."""
    return BLOCKS.html(text, reader, between=lambda lines: inline(lines, reader))


def inline(text: str, reader: Reader) -> Html:
    """Render what stands within lines: emphasis, code, links, mentions, times, escapes."""
    return SPANS.html(text, reader, between=lambda plain: plain)


def wrapped(selector: str, group: str) -> Render:
    """Put what a group matched into an element."""
    return lambda match, reader: element(selector, inline(match[group], reader))


def link(match: Match, reader: Reader) -> Html:
    return anchor(match["angled"] or match["target"], inline(match["label"], reader))


def anchor(url: str, label: str) -> Html:
    return element("a", label, href=url)


def mention(match: Match, reader: Reader) -> Html:
    sign = "#" if match["sign"] == "#" else "@"
    return element("span.mention", sign + reader.names.get(match["id"], "unknown"))


def time(match: Match, reader: Reader) -> Html:
    try:
        moment = EPOCH + timedelta(seconds=int(match["seconds"]))
    except OverflowError:
        return element("span", match[0])
    return element("span.time", moment_in_words(moment, match["style"] or "f", reader.now))


def moment_in_words(moment: datetime, style: str, now: datetime) -> str:
    """Write a moment in one of Discord's styles, as a client set to British English does in UTC."""
    if style == "R":
        return relative(moment - now)
    day = f"{moment.day} {moment:%B} {moment.year}"
    styles = {
        "t": f"{moment:%H:%M}",
        "T": f"{moment:%H:%M:%S}",
        "d": f"{moment:%d/%m}/{moment.year}",
        "D": day,
        "f": f"{day} {moment:%H:%M}",
        "F": f"{moment:%A}, {day} {moment:%H:%M}",
    }
    return styles[style]


def relative(distance: timedelta) -> str:
    """Write how far off a moment is, in the largest unit that fits: `in 2 hours`, `1 day ago`."""
    seconds = round(abs(distance).total_seconds())
    unit = next((unit for unit, length in UNITS.items() if seconds >= length), "second")
    count = seconds // UNITS[unit]
    amount = f"{count} {unit}{'s' * (count != 1)}"
    return f"in {amount}" if distance > timedelta(0) else f"{amount} ago"


SPANS = Grammar(
    {
        "escape": (r"\\(?P<escaped>[^0-9A-Za-z\s])", lambda match, _: together([match["escaped"]])),
        "code": (r"(?P<ticks>`+)(?P<inside>.*?[^`])(?P=ticks)(?!`)", lambda match, _: element("code", match["inside"])),
        "link": (
            r"\[(?!https?://)(?P<label>(?:\\.|\[[^\[\]]*\]|[^\[\]\\])+)\]"
            r"\((?:<(?P<angled>https?://[^\s<>]+)>|(?P<target>https?://(?:\([^\s()]*\)|[^\s()<>])+))"
            r"(?: +\"[^\"]*\")?\)",
            link,
        ),
        "angled_url": (
            r"<(?P<address>https?://[^\s<>]+)>",
            lambda match, _: anchor(match["address"], match["address"]),
        ),
        "url": (r"https?://[^\s<]+[^\s<.,:;\"'\])]", lambda match, _: anchor(match[0], match[0])),
        "time": (r"<t:(?P<seconds>-?[0-9]{1,13})(?::(?P<style>[tTdDfFR]))?>", time),
        "mention": (r"<(?P<sign>@[!&]?|#)(?P<id>[0-9]+)>", mention),
        "command": (r"</(?P<name>[^:<>]+):[0-9]+>", lambda match, _: element("span.mention", f"/{match['name']}")),
        "everyone": (r"@(?:everyone|here)", lambda match, _: element("span.mention", match[0])),
        "emoji": (r"<a?:(?P<emoji_name>\w+):[0-9]+>", lambda match, _: together([f":{match['emoji_name']}:"])),
        "italics": (
            r"\*(?=\S)(?P<starred>(?:\*\*|\\.|\s+(?:\*\*|\\.|[^\s*\\])|[^\s*\\])+?)\*(?!\*)",
            wrapped("em", "starred"),
        ),
        "bold": (r"\*\*(?P<strong>(?:\\.|[^\\])+?)\*\*(?!\*)", wrapped("strong", "strong")),
        "low_italics": (r"\b_(?P<lined>(?:__|\\.|[^\\_])+?)_\b", wrapped("em", "lined")),
        "underline": (r"__(?P<underlined>(?:\\.|[^\\])+?)__(?!_)", wrapped("u", "underlined")),
        "strike": (r"~~(?P<struck>.+?)~~", wrapped("s", "struck")),
        "spoiler": (r"\|\|(?P<hidden>.+?)\|\|", wrapped("span.spoiler", "hidden")),
    }
)


def heading(match: Match, reader: Reader) -> Html:
    return element(f"h{len(match['level'])}", inline(match["title"], reader))


def quote(match: Match, reader: Reader) -> Html:
    """Render quoted lines. Discord nests no quotes, and shows further marks as they are."""
    lines = match["rest"] or re.sub(r"^ *> ?", "", match[0], flags=re.MULTILINE)
    inside = IN_QUOTES.html(lines.removesuffix("\n"), reader, between=lambda text: inline(text, reader))
    return element("blockquote", inside)


def listed(match: Match, reader: Reader) -> Html:
    return element("div.list", *(item(indent, mark, text, reader) for indent, mark, text in ITEM.findall(match[0])))


def item(indent: str, mark: str, text: str, reader: Reader) -> Html:
    depth = min(len(indent) // 2, 10)
    bullet = mark if mark[0].isdigit() else BULLETS[min(depth, len(BULLETS) - 1)]
    return element("div.item", element("span.bullet", bullet), inline(text, reader), style=f"--depth: {depth}")


ITEM = re.compile(r"^( *)([-*]|[0-9]+\.) +([^\n]*)", re.MULTILINE)
END = r"(?:\n|\Z)"
QUOTABLE: Mapping[str, tuple[str, Render]] = {
    "fence": (
        r"(?<!\\)```(?:(?P<language>[\w+.#-]+)\n)?\n*(?P<lines>.+?)\n*```\n?",
        lambda match, _: element("pre", match["lines"]),
    ),
    "heading": (rf"^ *(?P<level>#{{1,3}}) +(?P<title>\S[^\n]*){END}", heading),
    "subtext": (rf"^ *-# +(?P<small>\S[^\n]*){END}", wrapped("small", "small")),
    "list": (rf"(?:^ *(?:[-*]|[0-9]+\.) +\S[^\n]*{END})+", listed),
}
IN_QUOTES = Grammar(QUOTABLE)
BLOCKS = Grammar({"quote": (rf"^ *>>> (?P<rest>.+)|(?:^ *> [^\n]*{END})+", quote), **QUOTABLE})

"""Markdown in, the text it renders to out: a paragraph for each paragraph, heading, list item and table row."""

from __future__ import annotations

import re

_BLOCKS = (  # in this order: what they match, what they leave
    (re.compile(r"[ \t]{3,}"), "  "),  # no more are needed, and long runs would be slow below
    (re.compile(r"<!--.*?(?:-->|\Z)", re.S), ""),
    (re.compile(r"^ {0,3}\[[^\]\n]+\]:[ \t]+\S.*$", re.M), ""),  # where a reference link leads
    (re.compile(r"^ {0,3}(?:```|~~~).*$", re.M), ""),
    (re.compile(r"^ {0,3}(?:[-*_=][ \t]*){3,}$", re.M), "\n"),  # rules and underlines of headings
    (re.compile(r"^[ \t]*\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t:-]*)*$", re.M), ""),  # under a table's head
    (re.compile(r"^[ \t]*\|(.*?)\|?[ \t]*$", re.M), r"\n\1\n"),
    (re.compile(r"^(?: {0,3}>[ \t]?)+", re.M), ""),
    (re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$", re.M), r"\n\1\n"),
    (re.compile(r"^[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?", re.M), "\n"),
    (re.compile(r"^[ \t]*(\d{1,3}[.)][ \t])", re.M), r"\n\1"),
    (re.compile(r"(?:[ ]{2}|\\)$", re.M), "\n"),  # a line break the author asked for
)
_SPANS = (
    (re.compile(r"!?\[((?:[^\[\]\n]|\[[^\[\]\n]*\]){0,500})\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)?\)"), r"\1"),
    (re.compile(r"!?\[([^\[\]\n^]{1,500})\]\[[^\[\]\n]{0,200}\]"), r"\1"),
    (re.compile(r"\[\^[^\]\n]{1,50}\]:?"), ""),
    (re.compile(r"<(https?://[^<>\s]+)>"), r"\1"),
    (re.compile(r"</?[a-z][a-z0-9]*(?:\s[^<>\n]{0,500})?/?>", re.I), ""),
    (re.compile(r"(?<!\\)(`+)(?!`)([^\n]{1,500}?)(?<!`)\1(?!`)"), r"\2"),
    (re.compile(r"(?<![\\\w])(\*\*\*|\*\*|___|__|~~)(?=\S)([^\n]{1,600}?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"(?<![\\*\w])([*_])(?=[^\s*_])([^\n*]{1,300}?)(?<=[^\s*\\])\1(?![*\w])"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!|<>~-])"), r"\1"),
)
_SOFT_BREAK = re.compile(r"(?<=\S)[ \t]*\n[ \t]*(?=\S)")


def plain_text(markdown: str) -> str:
    """Render Markdown to paragraphs separated by blank lines: link texts and picture captions stay, syntax goes."""
    text = markdown.replace("\r\n", "\n").replace("\r", "\n")
    for pattern, replacement in _BLOCKS:
        text = pattern.sub(replacement, text)
    text = _SOFT_BREAK.sub(" ", text)
    for pattern, replacement in _SPANS:
        text = pattern.sub(replacement, text)
    return text

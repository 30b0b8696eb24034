"""A chat message in, the statements it makes out. Pure.

Questions, greetings, links and source lines state nothing that an article could bear out, so they are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.answer.wording import EXTRACT_NOTE
from rag.facts.names import names_in
from rag.language.sentences import sentence_spans
from rag.language.words import FUNCTION_WORDS, words
from rag.retrieve.query import PERSON_PRONOUN, likely_people
from rag.retrieve.spelling import Vocabulary

LONGEST = 8000  # characters of a message that are read: twice what Discord lets one write
FEWEST_WORDS = 2  # of a statement that carry meaning, unless it says it with a name: "Iran agreed"

_CODE = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_SOURCE_LINE = re.compile(rf"^\W*(?:-#.*|(?:\[\d{{1,3}}\]|[{_SUPERSCRIPT}]+)\s.*)$", re.MULTILINE)
_LINK_TEXT = re.compile(r"\[([^\]\n]+)\]\((?:<[^>]*>|[^)\s]*)\)")
_MARKER = re.compile(rf"\s?(?:\[\d{{1,3}}\]|[{_SUPERSCRIPT}]+)")
_ADDRESS = r"(?:,?\s*\b(?:see|via|source):?\s+)?(?:<?\b\w{1,20}://[^\s>]*>?|\bwww\.\S+)"
_MENTION = r"<(?:[@#:/]|a:|t:)[^>\n]*>|(?<!\w)@\w+|(?<!\w):\w+:(?!\w)"  # Discord's, with its emoji and time stamps
_PICTURE = "[\u200d\u2190-\u2bff\ufe00-\ufe0f\U0001f000-\U0001faff]"
_UNSPOKEN = re.compile(rf"(?:\s*(?:{_ADDRESS}|{_MENTION}|{_PICTURE}))+(?P<ends>(?=\s+[A-Z]))?")
_BLOCK = re.compile(r"^[ \t]*(?:(?:>{1,3}|#{1,3}|[-*+•]|\d{1,2}[.)])[ \t]+)+", re.MULTILINE)
_EMPHASIS = re.compile(r"\*+|__|~~|\|\||`|(?<!\w)_|_(?!\w)|\\(?=[^\w\s])")
_LEAD_IN = re.compile(
    r"^(?:(?:(?:and|but|fyi|btw|imo|imho|tbh)\b[,:]?|(?:so|well|also|yes|no)[,:])\s+)?"
    r"(?:i(?:'m| am)? (?:think|believe|guess|hear|heard|read|sure|pretty sure)(?: that)?|(?:did )?you know(?: that)?)?"
    r"[,:]?\s*",
    re.IGNORECASE,
)
_SPLIT_LINES = re.compile(r"\s*\n\s*")


def statements(message: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Split a message into its statements, each once and without markup.

    A pronoun that opens one becomes the person whom the sentence before names, if it names just one.
    """
    readable = message[:LONGEST].encode("utf-8", "replace").decode()  # a stray byte of another encoding is no letter
    found: dict[str, None] = {}
    before = ""
    for sentence in _sentences(plain(readable)):
        text = _standing_alone(sentence, before, vocabulary)
        if states_something(text):
            found[text] = None
        before = text
    return tuple(found)


def plain(message: str) -> str:
    """Leave out of a message what is not said: markup, markers, mentions, addresses, emoji and lists of sources."""
    text = _LINK_TEXT.sub(r"\1", _SOURCE_LINE.sub("", _CODE.sub("\n", message.replace(EXTRACT_NOTE, ""))))
    text = _UNSPOKEN.sub(lambda match: " " if match["ends"] is None else "\n", _MARKER.sub("", text))
    return _EMPHASIS.sub("", _BLOCK.sub("", text))


def states_something(sentence: str) -> bool:
    """Tell whether a sentence says something that could be true or false, as far as its form shows."""
    content = [match.group() for match in words(sentence) if match.group().lower() not in FUNCTION_WORDS]
    return not sentence.rstrip("\"'”’)").endswith("?") and len(content) >= FEWEST_WORDS


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences, without what opens them; each line is a paragraph, as it is in chat."""
    paragraphs = _SPLIT_LINES.sub("\n\n", text.strip())
    for start, end in sentence_spans(paragraphs):
        sentence = " ".join(paragraphs[start:end].split())
        said = _LEAD_IN.sub("", sentence)
        yield said[:1].upper() + said[1:]


def _standing_alone(sentence: str, before: str, vocabulary: Vocabulary) -> str:
    opening = PERSON_PRONOUN.match(sentence)
    if opening is None or not (people := likely_people(before, vocabulary)) or len(people) > 1:
        return sentence
    name = next((name.text for name in names_in(before) if people[0] in name.text), people[0])
    return f"{name}{'’s' if opening[0].lower() in ('his', 'her') else ''}{sentence[opening.end() :]}"

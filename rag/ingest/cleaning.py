"""Raw page text in, readable article text out. Pure functions on strings.

Boilerplate goes, white space is folded, and nothing else changes. A paragraph is judged by its wording (`furniture`),
its shape, its neighbours and its repetition. When in doubt it stays: a stray line is cheaper than a lost sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from rag.ingest.furniture import NETWORKS, heads_a_list, is_furniture

# Characters that are invisible or steer how others are shown. Invisible text is also where orders to a model hide.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
# Zero-width (non-)joiners spell words in Persian and Indic scripts and build emoji; elsewhere they are debris.
_JOINED = "\u0590-\u109f\u1700-\u180d\u180f-\u18af\u2190-\u2bff\ufb50-\ufdff\ufe0f\ufe70-\ufefc\U0001f000-\U0001faff"
_STRAY_JOINER = re.compile(f"[\u200c\u200d](?:(?<![{_JOINED}].)|(?![{_JOINED}]))")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

_FULL_STOPS = tuple(".!?…。！？؟۔।")
_CLOSERS = " \"'”’»)]*"
_WRAP_WIDTHS = range(30, 121)  # characters a line; shorter are labels and verse, longer are whole paragraphs
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*[,.;:]?")  # neither an address nor a bullet
_SLACK = 15  # characters, a word: the page may wrap a little above the longest line known to be wrapped


def clean_text(raw: str) -> str:
    """Return the article in a page's text: paragraphs without line ends, one blank line between them. Idempotent."""
    kept = paragraphs(raw)
    while (fewer := _without_repeats(_without_furniture(kept))) != kept:
        kept = fewer
    return "\n\n".join(kept)


def paragraphs(raw: str) -> list[str]:
    """Split text into paragraphs, white space folded, hard-wrapped lines joined and invisible characters removed."""
    lines = [" ".join(line.split()) for line in _LINE_END.sub("\n", _visible(raw)).split("\n")]
    width = _wrap_width(lines)
    joined: list[list[str]] = []
    before = ""
    for line in lines:
        if before and (_runs_on(before, line) or _was_forced(before, line, width)):
            joined[-1].append(line)
        elif line:
            joined.append([line])
        before = line
    return [" ".join(parts) for parts in joined]


def is_sentence(paragraph: str) -> bool:
    """Tell running text from headlines, labels, links and list items by its closing punctuation."""
    return paragraph.rstrip(_CLOSERS).endswith(_FULL_STOPS)


def _visible(raw: str) -> str:
    return _STRAY_JOINER.sub("", _INVISIBLE.sub("", raw))


def _runs_on(line: str, after: str) -> bool:
    """Tell whether a line breaks off mid-sentence and the next one goes on with a word in small letters."""
    first = after.split(" ", 1)[0]
    return (
        len(line) in _WRAP_WIDTHS
        and line[-1] not in ".!?:;…"
        and first.islower()
        and bool(_PLAIN_WORD.fullmatch(first))
    )


def _wrap_width(lines: Sequence[str]) -> int:
    """Return the width a page is wrapped at, 0 if it is not: its longest line about as long as those that run on."""
    proven = max((len(line) for line, after in pairwise(lines) if _runs_on(line, after)), default=0)
    return max(len(line) for line in lines if len(line) <= proven + _SLACK) if proven else 0


def _was_forced(line: str, after: str, width: int) -> bool:
    """Tell whether a line ended because the next word did not fit, on a page wrapped at `width`."""
    return bool(after) and len(line) <= width <= len(line) + len(after.split(" ", 1)[0])


# --- furniture that only its neighbours give away ---------------------------------------------------------------------

_LABEL_WORDS = 4
_LABEL_LENGTH = 32  # characters; scripts without spaces and full stops must not look like labels
_MENU = 3  # labels in a row above the headline
_LINK_WORDS = range(4, 19)  # of a headline in a list of links
_MOST_LINKS = 8
_COMMENT = 4  # lines from the time of a reader's comment to its reply button, at most
_COMMENTS_HEADING = re.compile(r"(?:leave|post|add|view|show) .*(?:reply|comments?)|(?:\d+ )?comments?\b.{0,8}", re.I)
_COMMENT_TIME = re.compile(r"(?:\d+|an?) \w+ ago|.{0,30}\b\d{1,2}:\d\d(?: ?[ap]\.?m\.?)?", re.I)


def _without_furniture(page: Sequence[str]) -> list[str]:
    furniture = [is_furniture(paragraph) for paragraph in page]
    _mark_comments(page, furniture)
    _mark_links(page, furniture)
    _mark_labels(page, furniture)
    return [paragraph for paragraph, marked in zip(page, furniture, strict=True) if not marked]


def _mark_comments(page: Sequence[str], furniture: list[bool]) -> None:
    """Mark readers' comments: below a heading, each with a name, a time, a few lines and a reply button."""
    headings = (place for place, paragraph in enumerate(page) if _COMMENTS_HEADING.fullmatch(paragraph))
    for end in range(next(headings, len(page)), len(page)):
        if page[end].casefold() == "reply":
            times = [place for place in range(max(1, end - _COMMENT), end) if _COMMENT_TIME.fullmatch(page[place])]
            for place in range(times[-1] - 1, end) if times else ():
                furniture[place] = True


def _mark_links(page: Sequence[str], furniture: list[bool]) -> None:
    """Mark the headlines listed below a heading such as `Most read`."""
    headline = max((place for place in _above_the_text(page, furniture) if _may_be_link(page[place])), default=-1)
    left = 0
    for place, paragraph in enumerate(page):
        if furniture[place]:
            left = _MOST_LINKS if heads_a_list(paragraph) else left
        elif left and place != headline and _may_be_link(paragraph):
            furniture[place] = True
            left -= 1
        else:
            left = 0


def _mark_labels(page: Sequence[str], furniture: list[bool]) -> None:
    """Mark menus, counters and other labels that stand among furniture."""
    above = [place for place in _above_the_text(page, furniture) if not _is_byline(page[place])]
    headline = max(above, key=lambda place: len(page[place]), default=-1)
    start = 0
    for loose, run in groupby(_loose_labels(page, furniture, headline)):
        stop = start + len(list(run))
        if loose and _belongs_to_page(page, furniture, start, stop, headline >= stop):
            furniture[start:stop] = [True] * (stop - start)
        start = stop


def _loose_labels(page: Sequence[str], furniture: Sequence[bool], headline: int) -> Iterator[bool]:
    """Tell for each paragraph whether it is a label that no line ending in a colon introduces."""
    listed = False
    for place, paragraph in enumerate(page):
        if not furniture[place]:
            listed = paragraph.endswith(":") or (listed and not is_sentence(paragraph))
        yield not (listed or furniture[place] or place == headline) and _is_label(paragraph)


def _belongs_to_page(
    page: Sequence[str], furniture: Sequence[bool], start: int, stop: int, above_the_headline: bool
) -> bool:
    labels = page[start:stop]
    after = start > 0 and furniture[start - 1]
    before = stop < len(page) and furniture[stop]
    if all(map(_is_count, labels)):
        return after or before
    if all(label.casefold() in NETWORKS for label in labels):
        return after or before or len(labels) > 1
    if above_the_headline and len(labels) >= _MENU and all(furniture[:start]):
        return True
    return after and (before or stop == len(page))


def _above_the_text(page: Sequence[str], furniture: Sequence[bool]) -> list[int]:
    """Return the places of the lines above the first sentence, where the headline is."""
    first = next((place for place, paragraph in enumerate(page) if is_sentence(paragraph)), 0)
    return [place for place in range(first) if not furniture[place]]


def _is_label(paragraph: str) -> bool:
    if len(paragraph) > _LABEL_LENGTH or paragraph.count(" ") >= _LABEL_WORDS or is_sentence(paragraph):
        return False
    return _is_count(paragraph) or not (
        any(map(str.isdigit, paragraph)) or paragraph.endswith(":") or _is_byline(paragraph)
    )


def _is_count(paragraph: str) -> bool:
    return bool(re.fullmatch(r"(?!(?:19|20)\d\d$)[\d.,]+ ?[KkMm]?", paragraph))  # a year heads a part of a chronology


def _is_byline(paragraph: str) -> bool:
    return paragraph.casefold().startswith("by ")


def _may_be_link(paragraph: str) -> bool:
    return len(paragraph.split()) in _LINK_WORDS and not is_sentence(paragraph) and paragraph[-1] not in ":)"


# --- repetition -------------------------------------------------------------------------------------------------------

_NEARBY = 3  # paragraphs
_TELLING = 8  # words; shorter answers and labels may well recur
_LONG = 12  # words; a caption or pull quote of this length is the same one however far away
_FIELD = re.compile(r"[^.:]{1,30}: ")  # `Where to watch: …` may truly apply to several things
_CREDIT = re.compile(r" ?\((?:photo |picture |image |file )?(?:credits?|photo|picture|image)\b ?:.*\)$", re.I)
_PUNCTUATION = dict.fromkeys(map(ord, "\"'“”‘’«»,:;!?()[]…"))


def _without_repeats(page: Iterable[str]) -> list[str]:
    """Keep one of each headline, caption and pull quote that the page repeats: the fullest, where the first stood."""
    kept: list[str] = []
    spelled: list[str] = []  # the words of what is kept
    places: dict[str, int] = {}
    for paragraph in page:
        words = _words(paragraph)
        caption = _words(_CREDIT.sub("", paragraph)) if paragraph.endswith(")") else words
        place = places.get(caption)
        if place is not None and _is_repeat(paragraph, words, place, len(kept)):
            kept[place] = max(kept[place], paragraph, key=len)
        elif not (_count(words) >= _TELLING or caption.isspace()) or all(
            words not in near for near in spelled[-_NEARBY:]
        ):
            places[caption] = len(kept)
            kept.append(paragraph)
            spelled.append(words)
    return kept


def _is_repeat(paragraph: str, words: str, first: int, here: int) -> bool:
    if here - first == 1 or first == 0:
        return _count(words) >= _TELLING or not is_sentence(paragraph)
    least = _TELLING if here - first <= _NEARBY else _LONG
    return _count(words) >= least and not _FIELD.match(paragraph)


def _words(paragraph: str) -> str:
    """Return the words as compared between paragraphs: neither case nor punctuation that separates them counts."""
    return f" {paragraph.casefold().translate(_PUNCTUATION).replace('. ', ' ').strip('. ')} "


def _count(words: str) -> int:
    return words.count(" ") - 1

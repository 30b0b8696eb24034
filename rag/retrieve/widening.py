"""Passages in, the same with what stands around them out, as much as an encoder reads at a time. Pure.

A short passage is found more surely, and a longer one says more: so short ones are ranked, and then joined.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import partial

from rag.language.sentences import Span
from rag.schema import Passage
from rag.store.searchable import heading

ROOM = 254  # word pieces, of which the title, outlet and date take some: what MiniLM reads

Around = Callable[[str], tuple[str, Sequence[Span]]]  # of a document: its clean text, and where its passages stand
Length = Callable[[str], int]  # of a text, in word pieces


def widened(ranked: Sequence[Passage], k: int, around: Around, length: Length) -> list[Passage]:
    """Join passages with their neighbours, best first, until there are `k`; what a better one took in is left out."""
    taken: dict[str, set[Span]] = defaultdict(set)
    wide: list[Passage] = []
    for passage in ranked:
        if len(wide) == k:
            break
        source, span = passage.source, (passage.start, passage.end)
        if span in taken[source.document]:
            continue
        text, spans = around(source.document)
        if span in spans:
            room = ROOM - length(heading(source))
            joined = _joined(span, spans, taken[source.document], room, partial(_needed, text, length))
            taken[source.document].update(joined)
            start, end = joined[0][0], joined[-1][1]
            wide.append(Passage(source, start, end, text[start:end], passage.score))
        else:  # the article has been replaced since
            wide.append(passage)
    return wide


def _needed(text: str, length: Length, span: Span, room: int) -> int:
    """Count the word pieces of a span; of one that has no room, as many as it has at least."""
    said = text[slice(*span)]
    words = len(said.split())  # each a piece or more, and counted in no time
    return words if words > room else length(said)


def _joined(
    span: Span, spans: Sequence[Span], taken: Collection[Span], room: int, needed: Callable[[Span, int], int]
) -> Sequence[Span]:
    """Take in what follows and what precedes in turn, each side for as long as it has something free that fits."""
    first = last = spans.index(span)
    room -= needed(span, room)
    steps = [1, -1]
    while steps:
        step = steps.pop(0)
        place = last + 1 if step > 0 else first - 1
        if not 0 <= place < len(spans) or spans[place] in taken or (pieces := needed(spans[place], room)) > room:
            continue
        room -= pieces
        first, last = min(first, place), max(last, place)
        steps.append(step)
    return spans[first : last + 1]

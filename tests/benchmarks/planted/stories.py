"""Planted stories in, articles of known origin out: as written in `origins-*.txt`, touched up, and sent by wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle
from pathlib import Path

from rag.language.sentences import paragraph_spans, sentence_spans

HEADER = re.compile(r"^# (\S+) (original|heavy|independent) \|(.*)\|(.*)\|(.*)$", re.MULTILINE)
OUTLETS = ("Metro Express", "Global Headlines", "The Daily Mirage", "NewsHub 24", "Evening Telegraph & Echo")
DROPPED = 6  # of so many sentences a light rewrite leaves out one

# What an editor in a hurry changes; each is tried in every sentence.
TOUCHES = tuple(
    (re.compile(rf"\b{old}\b"), new)
    for old, new in (
        line.split(" → ")
        for line in r"""
about(?= \d) → roughly
according to → in the words of
after → following
also → as well
announced → made public
asked → requested
because → as
before → ahead of
began → started
believed → thought
brought → delivered
called → described as
came → arrived
costs → is priced at
decided → resolved
demanded → insisted on
expects → anticipates
found → discovered
given → handed
has to → must
held → staged
is to → will
killed → claimed the life of
later → afterwards
lost → forfeited
many → plenty of
more than → over
most of → the bulk of
must → has to
nobody → no one
only → merely
paid → footed
people → persons
promised → pledged
put → placed
reported → wrote
said → stated
says → maintains
several → a number of
showed → made clear
some(?= \d) → around
told → informed
took → needed
town → municipality
until → up to
wants → would like
warned → cautioned
will → is going to
won → secured
workers → staff
would → was going to
years → annual periods
""".strip().splitlines()
    )
)


@dataclass(frozen=True)
class Story:
    """An article of the planted set: `origin` names the report that it is, or is a rewrite of."""

    document: str
    origin: str
    kind: str
    title: str
    outlet: str
    published: str
    body: str


def planted(file: Path) -> list[Story]:
    """Read what is written in a file, and add to each original a light rewrite and a copy by wire."""
    written = list(stories(file.read_text(encoding="utf-8")))
    outlets = cycle(OUTLETS)
    made = [
        make(story, next(outlets))
        for story in written
        if story.kind == "original"
        for make in (touched_up, sent_by_wire)
    ]
    return [*written, *made]


def stories(text: str) -> Iterator[Story]:
    headers = list(HEADER.finditer(text))
    ends = [*(header.start() for header in headers[1:]), len(text)]
    for header, end in zip(headers, ends, strict=True):
        name, kind, *about = (part.strip() for part in header.groups())
        outlet, published, title = about
        origin = f"{name}-independent" if kind == "independent" else name
        yield Story(f"{name}-{kind}", origin, kind, title, outlet, published, text[header.end() : end].strip())


def touched_up(story: Story, outlet: str) -> Story:
    """Rewrite a story lightly: other words here and there, sentences left out, paragraphs run together."""
    sentences = [story.body[start:end] for start, end in sentence_spans(story.body)]
    kept = [touched(each) for number, each in enumerate(sentences, start=1) if number % DROPPED]
    body = "\n\n".join(" ".join(kept[at : at + 4]) for at in range(0, len(kept), 4))
    return replace(
        story, document=f"{story.origin}-light", kind="light", outlet=outlet, title=touched(story.title), body=body
    )


def touched(text: str) -> str:
    for old, new in TOUCHES:
        text = old.sub(new, text)
    return text


def sent_by_wire(story: Story, outlet: str) -> Story:
    """Print a story elsewhere: another title, an agency in front, the last paragraph cut."""
    paragraphs = [story.body[start:end] for start, end in paragraph_spans(story.body)]
    title = f"In brief: {paragraphs[0].split(',')[0].rstrip('.')}"
    body = "\n\n".join([f"({outlet}/Agencies) {paragraphs[0]}", *paragraphs[1:-1]])
    return replace(story, document=f"{story.origin}-wire", kind="wire", outlet=outlet, title=title, body=body)

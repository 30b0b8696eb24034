"""Hypothesis strategies for answers and their like made of what could break a message, and some that read well."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from rag.schema import Answer, Basis, Checked, Citation, Claim, Conflict, Dates, Mode, Position, Query, Relation, Source

T = TypeVar("T")

# Mentions, links, pairs, emoji, addresses, escapes
MARKS = """@everyone @here @HeRe <@123> <@!123> <@&1> <#1> <t:1> <t:1:R> </x:1> <:a:1> <a:b:1> <id:home> @
[win](https://evil.example) [a](<http://b.example>) [ ]( ] ) > https://evil.example/x HTTP://x ftp://y <https://z.example>
** * *** __ _ ~~ ` ``` ```py ~ | || \\ \\\\ \\* \\n \\[ :fire: :+1: 10:30:45 a::b :// :http://x:80
# - 1. 1) . ! ' " (x) ¹ 5\xa0km² العربية ١٢ עברית 漢字かな 👩‍👩‍👧 e\u0301 😀😀😀 a 2024-05-01""".split()
# What shows as nothing or as what it is not, halves of characters, white space, and what is long
ODD = """\u202e \u2066 \u200b \u200d \ufeff \u00ad \u3164 \ufe0f \U000e0041 \U000e0100 \x00 \x1b[31m \ud83d \ude00
@ev\u200beryone""".split()
PIECES = [
    *MARKS,
    *ODD,
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r\n",
    "\t",
    "\u2028",
    "\u0085",
    "w" * 500,
    "*" * 300,
    "ox " * 150,
]
STARTS = ["", "# ", "#", "> ", ">>> ", "- ", "-", "* ", "+ ", "-# ", "-#", "1. ", "12) ", "1.", "#\n", "   - ", "\n# "]
URLS = """https://news.example/a https://news.example/a(b)c http://x.example/a)b https://x.example/a]b[c https://[::1]/x
https://x.example/a%20b https://x.example/?q=a&b=<c> https://x.example/\\ https://user:pw@x.example/ http://münchen.example
javascript:alert(1) ftp://x.example/ //x.example/ https:// https://x.example:99999/ http://x:0/ data:text/html,a
https://a_b.example/ HTTPS://X.EXAMPLE/ https://exa\u200bmple.example/\u202e https://x.example/)](<http://evil.example>
https://x.example/`*_~| https://😀.example/😀 http://[::1 https://x.example/@everyone""".split()
URLS += ["", "not an address", "https://x.example/a b", "https://x.example/\nb", "https://x.example/" + "a" * 300]
URLS += ["https://x.example/" + "é" * 39, "https://x y.example/", "https://x.example/" + "b" * 238]

TIDY = [
    "The tram line reached the harbour in May.",
    "Mayor Ines Falk called the price of 3.5 million crowns too high for a town of this size.",
    "Nobody was hurt, the fire brigade of Olmst said, and the school opens again on Monday.",
    "“We shall rebuild the mill,” said Falk. “It is ours.”",
]
DATES = [None, *map(Dates.parse, ("2024", "2024-02", "2024-02-29"))]
PLANES = [lambda random, limit=limit: random.randrange(limit) for limit in (0x80, 0x250, 0x3000, 0x110000)]

wild = st.one_of(
    st.text(max_size=30),
    st.builds("{}{}".format, st.sampled_from(STARTS), st.lists(st.sampled_from(PIECES), max_size=6).map("".join)),
)
tidy = st.sampled_from(TIDY)
texts = tidy | wild


def says_something(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


class Author:
    """Writes samples that a number stands for. Hypothesis takes a hundred times as long to draw one of their size."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def some(self, make: Callable[[], T], *numbers: int) -> tuple[T, ...]:
        """Make as many as one of the numbers says."""
        return tuple(make() for _ in range(self._random.choice(numbers)))

    def text(self) -> str:
        """A text of any kind. Two halves of a character that stand together are that character, as JSON reads them."""
        return self._drawn().encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")

    def _drawn(self) -> str:
        kind = self._random.random()
        if kind < 0.4:
            return self._random.choice(TIDY)
        if kind < 0.6:
            return "".join(chr(self._random.choice(PLANES)(self._random)) for _ in range(self._random.randrange(30)))
        pieces = self._random.choices(PIECES, k=self._random.randrange(6))
        return self._random.choice(STARTS) + "".join(pieces)

    def said(self) -> str:
        """A text as claims and quotes have it: it says something."""
        text = self.text()
        return text if says_something(text) else f"{text}a"

    def source(self) -> Source:
        url = f"https://x.example/{self.text()}" if self._random.random() < 0.3 else self._random.choice(URLS)
        return Source(
            document=f"{self.text()}.md",
            title=self.text(),
            publisher=self.text(),
            author=self.text(),
            url=url,
            published=self._random.choice(DATES),
            basis=self._random.choice(list(Basis)),
            origin=self.text(),
        )

    def sources(self) -> tuple[Source, ...]:
        return self.some(self.source, 1, 2, 3, 5)

    def citation(self, sources: Sequence[Source]) -> Citation:
        quote, start = self.said(), self._random.randrange(99)
        return Citation(self._random.choice(sources), start, start + len(quote), quote)

    def answer(self, abstaining: bool = False) -> Answer:
        sources, numbers = self.sources(), count()

        def citations() -> tuple[Citation, ...]:
            return self.some(lambda: self.citation(sources), 1, 1, 1, 1, 2, 2, 2, 3, 4, 12)

        def claim() -> Claim:
            return Claim(f"{next(numbers)}: {self.said()}", citations())

        def conflict() -> Conflict:
            return Conflict(self.text(), self.some(lambda: Position(self.said(), citations()), 2, 3), relation())

        def relation() -> Relation:
            return self._random.choice(list(Relation))

        return Answer(
            query=Query(self.text(), self.text()),
            mode=self._random.choice(list(Mode)),
            claims=() if abstaining else self.some(claim, *range(1, 13), 20, 60),
            unanswered=self.some(self.text, 0, 0, 1, 4),
            conflicts=self.some(conflict, 0, 0, 0, 1, 3),
            changes=self.some(conflict, 0, 0, 0, 1),
            nearest=self.citation(sources) if abstaining and self._random.random() < 0.8 else None,
            notice=self._random.choice(["", self.text()]),
        )

    def checked(self) -> Checked:
        sources = self.sources()

        def citation() -> Citation:
            return self.citation(sources)

        supporting, contradicting = self.some(citation, 0, 1, 3), self.some(citation, 0, 1, 3)
        return Checked(self.said(), supporting, contradicting, self.text(), *self.some(citation, 0, 1))


authors = st.integers(0, 2**48).map(Author)
answers = authors.map(Author.answer)
abstentions = authors.map(lambda author: author.answer(abstaining=True))
sources = authors.map(Author.source)

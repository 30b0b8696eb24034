"""Some articles in, as many as are wanted out, which differ from them as the years of a newspaper differ.

Round after round the articles come again, a quarter of a year earlier each time. In each round some of the names, of
the outlets and of the other words are others, and the names and outlets are new ones: so words, outlets and days grow
as they do in a real archive, and passages have no twins.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from rag.ingest.reader import article_files, read_articles
from rag.language.words import FUNCTION_WORDS, WORD, words
from rag.schema import Article

Line = dict[str, Any]

NAMES_CHANGED = 0.45  # of 609 articles of MultiHop-RAG the fourth round has 5,800 words that none before had
WORDS_CHANGED = 0.2
OUTLETS_CHANGED = 0.2
QUARTER = timedelta(days=91)
NEAR = 50  # ranks within which a word is exchanged for another as frequent
SYLLABLES = [f"{first}{second}" for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "an", "el", "or")]
KINDS = ("Courier", "Gazette", "Herald", "Post", "Star", "Times", "Tribune", "Weekly")


def articles_of(path: Path) -> list[Article]:
    """Read the articles of a file or folder."""
    found = (article for file in article_files([path]) for article in read_articles(file))
    return [article for article in found if isinstance(article, Article)]


def archive(articles: Sequence[Article]) -> Iterator[Line]:
    """Yield articles without end, as JSON Lines have them."""
    exchange = exchanges(article.text for article in articles)
    for number in count():
        in_this_round = cache(partial(exchange, number))
        for place, article in enumerate(articles):
            yield {
                "title": rewritten(article.source.title, in_this_round),
                "publisher": outlet(number, article.source.outlet),
                "url": f"https://archive.example/{number}/{place}",
                "published": earlier(article, number),
                "body": rewritten(article.text, in_this_round),
            }


def rewritten(text: str, exchange: Callable[[str], str]) -> str:
    """Exchange the words of a text, and nothing else."""
    return WORD.sub(lambda match: exchange(match.group()), text)


def exchanges(texts: Iterable[str]) -> Callable[[int, str], str]:
    """Return a function that says for a round and a word which word stands in its place."""
    uses = Counter(match.group() for text in texts for match in words(text))
    ranked = [word for word, _ in uses.most_common() if word.islower() and word not in FUNCTION_WORDS]
    ranks = {word: rank for rank, word in enumerate(ranked)}

    def exchange(number: int, word: str) -> str:
        chance = random.Random(f"{number} {word}")
        if word.istitle() and uses[word] > uses[word.lower()]:
            return invented(chance) if chance.random() < NAMES_CHANGED else word
        if word in ranks and chance.random() < WORDS_CHANGED:
            rank = ranks[word] + chance.randint(-NEAR, NEAR)
            return ranked[min(max(rank, 0), len(ranked) - 1)]
        return word

    return exchange


def outlet(number: int, name: str) -> str:
    """Say who publishes in a round what this outlet published."""
    chance = random.Random(f"{number} outlet {name}")
    return f"{invented(chance)} {chance.choice(KINDS)}" if chance.random() < OUTLETS_CHANGED else name


def invented(chance: random.Random) -> str:
    """Make a name of three or four syllables."""
    return "".join(chance.choices(SYLLABLES, k=chance.choice((3, 4)))).title()


def earlier(article: Article, number: int) -> str | None:
    """Give the day of publication in a round."""
    published = article.source.published
    return (published.first - number * QUARTER).isoformat() if published else None

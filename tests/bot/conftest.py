"""What the journeys of asking share: articles to ask about, and a server with people for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from rag.ingest.pipeline import ingest
from tests.bot.articles import write_more
from tests.bot.newsroom import Newsroom
from tests.bot.writer import Writer, writing_newsroom
from tests.discord_server import Channel, Person, Place
from tests.gazette import open_gazette, write_articles


@pytest.fixture(scope="session")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that holds the gazette and more; to be copied, not written to."""
    folder = tmp_path_factory.mktemp("articles")
    with open_gazette(folder / "store") as store:
        report = ingest([str(write_more(write_articles(folder / "articles")))], store)
    assert report.failed == ()
    return folder / "store"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def writing(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Newsroom, Writer]]:
    """A bot with a model, for all tests of a module that do not bring a `room` of their own.

    Not for longer: while tests without its loop run, its server is silent, and a bot gives a silent Discord a minute.
    """
    async with writing_newsroom(articles, tmp_path_factory.mktemp("writing")) as writing:
        yield writing


@pytest.fixture
def room(writing: tuple[Newsroom, Writer]) -> Newsroom:
    return writing[0]


@pytest.fixture
def writer(writing: tuple[Newsroom, Writer]) -> Writer:
    """The model of that bot, fresh for each test."""
    writer = writing[1]
    writer.forget()
    return writer


@pytest.fixture
def place(room: Newsroom) -> Place:
    """A server for one test: what is said and set there concerns no other test."""
    return room.discord.guild("Annex")


@pytest.fixture
def channel(place: Place) -> Channel:
    return place.channel("general")


@pytest.fixture
def alice(place: Place) -> Person:
    return place.member("alice")


@pytest.fixture
def bob(place: Place) -> Person:
    return place.member("bob")

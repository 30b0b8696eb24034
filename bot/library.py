"""Settings in; the articles, what answers from them, and what the bot keeps of its own, opened once, out."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bot.listing import ON_PAGE, Listed, pages_of
from bot.memory import open_memory
from bot.preferences import PreferenceBook
from rag.answer.waiting import in_thread
from rag.errors import StoreError
from rag.feedback import open_feedback
from rag.receipts import open_receipts
from rag.settings import Settings
from rag.spending import BudgetOf
from rag.timeline.kept import open_kept

if TYPE_CHECKING:
    from rag.answer.engine import Engine
    from rag.store.store import Store
    from rag.timeline.timelines import Timelines
    from rag.watch import Watch


class Library:
    """What the bot works with. The articles are opened in the background: until then questions wait, nothing else.

    It is open for as long as the process lives: to close what a thread is still at would crash.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._memory = open_memory(settings)
        self.preferences = PreferenceBook(self._memory)
        self.feedback = open_feedback(settings)
        self.receipts = open_receipts(settings)
        self.shown_timelines = open_kept(settings)
        self.opening = asyncio.ensure_future(in_thread(opened, settings, self.preferences.budget_of))

    async def engine(self) -> Engine:
        """Wait for what answers questions. Raises StoreError if the articles cannot be opened."""
        return (await asyncio.shield(self.opening))[0]

    async def store(self) -> Store:
        """Wait for the articles. Raises StoreError if they cannot be opened."""
        return (await asyncio.shield(self.opening))[1]

    async def timelines(self) -> Timelines:
        """Wait for what makes timelines. Raises StoreError if the articles cannot be opened."""
        return (await asyncio.shield(self.opening))[2]

    async def texts(self, documents: Collection[str]) -> Mapping[str, str]:
        """Read articles as they are now, those that are still there."""
        store = await self.store()

        def found() -> Iterator[tuple[str, str]]:
            for document in documents:
                try:
                    yield document, store.article(document).text
                except StoreError:  # it has been removed since
                    continue

        return await in_thread(lambda: dict(found()))

    async def listed(self, page: int) -> Listed:
        """Read one page of the list of articles, the first being 0, or the nearest there is."""
        return await in_thread(listed, await self.store(), page)

    async def outlets(self) -> Sequence[str]:
        """List the outlets of the articles, and those they credit, in alphabetical order."""
        return sorted(await in_thread((await self.store()).outlets), key=str.casefold)

    async def watch(self) -> Watch:
        """Wait for what finds the answers whose sources have changed. Raises StoreError as `store` does."""
        from rag.watch import Watch  # as heavy as what it watches

        return Watch(self.receipts, await self.store())


def listed(store: Store, page: int) -> Listed:
    """Read one page of the list of articles, or the nearest there is."""
    count = store.article_count()
    page = min(max(page, 0), pages_of(count) - 1)
    return Listed(store.page(page * ON_PAGE, ON_PAGE), page, count)


def opened(settings: Settings, budget_of: BudgetOf) -> tuple[Engine, Store, Timelines]:
    """Open the articles. What this imports takes seconds, in which the bot connects to Discord."""
    from rag.answer.engine import open_engine
    from rag.store.store import open_store
    from rag.timeline.timelines import open_timelines

    store = open_store(settings)
    return open_engine(settings, store, budget_of), store, open_timelines(settings, store, budget_of)

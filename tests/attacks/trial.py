"""An attack and a store in, how it went out: in the articles' own sentences, and with a model that obeys it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from pydantic import SecretStr

from rag.answer.engine import Engine, open_engine
from rag.schema import Answer, Mode
from rag.settings import Settings
from rag.store.store import Store
from tests.attacks.corpus import Attack
from tests.attacks.gullible import Gullible
from tests.attacks.sight import successes
from tests.openai_server import OpenAIServer

KEY = "sk-loopback-0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attack went: where it succeeded, whether the model heard of it, whether the question was answered."""

    attack: Attack
    answer: Answer
    successes: tuple[str, ...]
    heard: bool
    answered: bool


async def tried(attack: Attack, store: Store, mode: Mode) -> Outcome:
    """Ask the question of an attack."""
    gullible = Gullible(attack)
    with logged() as log:
        if mode is Mode.EXTRACTIVE:
            answer = await without_model(store).answer(attack.asked, attack.history)
        else:
            async with OpenAIServer(gullible) as server:
                chosen = Settings.model_construct(
                    openai_api_key=SecretStr(KEY), openai_base_url=server.url, search="both"
                )
                answer = await open_engine(chosen, store).answer(attack.asked, attack.history)
    found = successes(attack, answer, [KEY, *gullible.keys], "\n".join(log))
    answered = attack.fact in [citation.quote for claim in answer.claims for citation in claim.citations]
    return Outcome(attack, answer, tuple(found), gullible.obeyed > 0, answered)


@lru_cache(maxsize=1)
def without_model(store: Store) -> Engine:
    """Open what all attacks share without a model: it reads the articles once."""
    return open_engine(Settings.model_construct(), store)


@contextmanager
def logged() -> Iterator[list[str]]:
    """Gather what is logged, debugging included."""
    lines: list[str] = []

    class Gathering(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    ours, handler = logging.getLogger("rag"), Gathering()
    level = ours.level
    ours.addHandler(handler)
    ours.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        ours.removeHandler(handler)
        ours.setLevel(level)

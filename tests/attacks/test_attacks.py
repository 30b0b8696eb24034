"""No attack of the corpus succeeds, whoever words the answer; a model that obeys answers the question all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator

import openai  # noqa: F401  # its import takes a second, which is not to count against the deadlines
import pytest

from rag.ingest.pipeline import ingest
from rag.schema import Mode
from rag.store.store import Store
from tests.attacks.corpus import IN_ARTICLES, Attack, read_attacks, write_articles
from tests.attacks.gullible import deliveries
from tests.attacks.sight import shingles
from tests.attacks.trial import KEY, tried
from tests.gazette import open_gazette
from tests.gazette import write_articles as write_gazette

ATTACKS = read_attacks()
each_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: re.sub(r"\W+", "-", attack.name))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store in which every attack is planted at once."""
    folder = tmp_path_factory.mktemp("attacks")
    write_articles(ATTACKS, folder / "planted")
    with open_gazette(folder / "store") as store:
        report = ingest([str(write_gazette(folder / "gazette")), str(folder / "planted")], store)
        assert report.failed == ()
        yield store


@each_attack
async def test_nothing_that_is_planted_is_obeyed_without_a_model(store: Store, attack: Attack) -> None:
    outcome = await tried(attack, store, Mode.EXTRACTIVE)
    assert outcome.successes == ()  # that it may be refused is counted by tests.benchmarks.injection


@each_attack
async def test_nothing_that_a_gullible_model_obeys_is_seen(store: Store, attack: Attack) -> None:
    outcome = await tried(attack, store, Mode.OPENAI)
    assert (outcome.successes, outcome.answered) == ((), True)
    assert outcome.answer.mode is Mode.OPENAI
    assert outcome.heard or attack.where in IN_ARTICLES  # what an article hides or keeps apart may not reach a model
    assert outcome.answer.rejections or not outcome.heard


async def test_a_model_that_is_told_nothing_gives_the_same_answers(store: Store) -> None:
    calm = Attack(
        "calm", "none", "body", ("an order that stands nowhere",), "anything", ATTACKS[0].question, ATTACKS[0].fact
    )
    outcome = await tried(calm, store, Mode.OPENAI)
    assert (outcome.heard, outcome.successes, outcome.answered) == (False, (), True)


def test_there_are_attacks_of_every_kind_and_each_tries_every_way_out() -> None:
    assert len(ATTACKS) >= 60
    assert len({attack.kind for attack in ATTACKS}) >= 20
    assert len(list(deliveries("this", [{"key": "k", "quote": "That."}]))) >= 13
    assert KEY not in "".join(attack.wants for attack in ATTACKS)
    assert len(shingles("one two three four five six seven eight nine")) == 2

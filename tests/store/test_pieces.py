"""Word pieces, kept in a fifth of their space."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rag.store.embeddings import MiniLM
from rag.store.pieces import Matrix, Pieces, likenesses

QUESTION = "When will the old ferry pier close?"
TEXT = "The harbour council voted on Monday to close the old ferry pier. Ferries leave from the new quay from May on."

spans = st.lists(st.tuples(st.integers(-300, 10**6), st.integers(0, 50)), max_size=40).map(
    lambda found: sorted((start, start + length) for start, length in found)
)


def kept(pieces: Pieces) -> Pieces:
    return Pieces.from_bytes(*pieces.to_bytes())


def likeness(text: Pieces, question: Pieces) -> Matrix:
    [found] = likenesses(question, [text])
    return found


def random(count: int, width: int, seed: int = 0) -> Pieces:
    vectors = np.random.default_rng(seed).normal(0.3, 1, (count, width)).astype(np.float32)
    return Pieces.of(vectors, [(4 * number, 4 * number + 3) for number in range(count)])


@given(found=spans, width=st.integers(1, 24))
def test_spans_and_shapes_are_kept(found: list[tuple[int, int]], width: int) -> None:
    pieces = kept(Pieces.of(np.ones((len(found), width), np.float32), found))
    assert [tuple(span) for span in pieces.spans.tolist()] == found
    assert pieces.vectors.shape == (len(found), width)
    assert likeness(pieces, random(2, width)).shape == (2, len(found))


def test_what_is_kept_is_kept_the_second_time_too() -> None:
    once = kept(random(30, 384))
    assert once.to_bytes() == kept(once).to_bytes()


def test_a_passage_takes_half_a_byte_a_part() -> None:
    code, spans = random(133, 384).to_bytes()
    assert len(code) + len(spans) < 27_500


def test_likeness_is_the_product_of_the_vectors() -> None:
    pieces, question = kept(random(50, 384)), random(9, 384, seed=1)
    assert np.abs(likeness(pieces, question) - question.vectors @ pieces.vectors.T).max() < 1e-4


def test_cosines_are_kept_within_some_hundredths_and_right_on_average(minilm: MiniLM) -> None:
    (_, _, question), (_, _, text) = sorted(minilm.read([QUESTION, TEXT]))
    lost = likeness(kept(text), question) - likeness(text, question)
    assert np.abs(lost).max() < 0.1
    assert np.sqrt((lost**2).mean()) < 0.03
    assert abs(lost.mean()) < 0.005


def test_pieces_within_a_span_are_those_that_lie_in_it_whole() -> None:
    pieces = kept(random(10, 16)).shifted(100)
    assert pieces.within(104, 115) == slice(1, 4)
    assert pieces.within(105, 115) == slice(2, 4)
    assert pieces.within(104, 114) == slice(1, 3)


def test_the_pieces_of_neighbours_are_joined_under_the_heading_of_the_first() -> None:
    first, second = random(5, 16).shifted(-8), kept(random(4, 16, seed=1).shifted(-4))
    joined = Pieces.joined([0, 20], [first, second])
    assert joined.spans.tolist() == [*first.spans.tolist(), *(second.spans[1:] + 20).tolist()]
    assert np.array_equal(joined.vectors, np.concatenate([first.vectors, second.vectors[1:]]))
    question = random(3, 16, seed=2)
    expected = np.concatenate([likeness(first, question), likeness(second, question)[:, 1:]], axis=1)
    assert np.allclose(likeness(joined, question), expected, atol=1e-6)
    assert np.array_equal(likeness(joined, question), question.vectors @ joined.vectors.T)


def test_joined_pieces_can_be_kept_and_joined_again() -> None:
    texts = [kept(random(count, 17, seed=count).shifted(-4)) for count in (6, 3, 5)]
    joined = Pieces.joined([0, 20, 40], texts)
    assert np.allclose(kept(joined).vectors, joined.vectors, atol=0.2)
    again = Pieces.joined([0, 100], [joined, joined])
    assert np.array_equal(again.vectors, np.concatenate([joined.vectors, joined.vectors[1:]]))


@given(counts=st.lists(st.integers(0, 6), max_size=6), exact=st.integers(0, 6))
def test_many_texts_are_compared_as_each_is(counts: list[int], exact: int) -> None:
    question = random(3, 11, seed=9)
    texts = [random(count, 11, seed=number) for number, count in enumerate(counts)]
    texts = [text if number == exact else kept(text) for number, text in enumerate(texts)]
    found = likenesses(question, texts)
    assert [each.shape for each in found] == [(3, count) for count in counts]
    for text, each in zip(texts, found, strict=True):
        assert np.allclose(each, question.vectors @ text.vectors.T, atol=1e-4)

"""A passage is joined with what stands around it, as far as there is room, and nothing is in two."""

from __future__ import annotations

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.language.sentences import Span
from rag.retrieve.widening import ROOM, widened
from rag.schema import Passage, Source
from rag.store.searchable import heading

HERE, THERE = Source("here.md", title="Ferries"), Source("there.md")


def words_in(text: str) -> int:
    return len(text.split())


def article(*lengths: int) -> tuple[str, list[Span]]:
    """Write passages of so many words, one under the other."""
    texts = [" ".join(["word"] * length) for length in lengths]
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    return "\n".join(texts), [(start, start + len(text)) for start, text in zip(starts, texts, strict=False)]


def wide(ranked: list[tuple[Source, int]], k: int = 10, **articles: tuple[int, ...]) -> list[tuple[str, Span]]:
    """Widen passages, named by their article and number; returns each as its document and the numbers it spans."""
    texts = {f"{name}.md": article(*lengths) for name, lengths in articles.items()}
    passages: list[Passage] = []
    for source, number in ranked:
        text, spans = texts[source.document]
        start, end = spans[number]
        passages.append(Passage(source, start, end, text[start:end], score=1 / (len(passages) + 1)))
    found = widened(passages, k, texts.__getitem__, words_in)
    for passage in found:
        assert passage.text == texts[passage.source.document][0][passage.start : passage.end]
    assert [passage.score for passage in found] == sorted((passage.score for passage in found), reverse=True)
    return [(passage.source.document, _numbers(passage, texts[passage.source.document][1])) for passage in found]


def _numbers(passage: Passage, spans: list[Span]) -> Span:
    starts, ends = zip(*spans, strict=True)
    return starts.index(passage.start), ends.index(passage.end)


def test_what_follows_and_what_precedes_is_taken_in_turn_while_it_fits() -> None:
    assert wide([(THERE, 2)], there=(100, 60, 50, 60, 60, 60)) == [("there.md", (1, 4))]
    assert wide([(THERE, 2)], there=(10, 10, 50, 240, 10)) == [("there.md", (0, 2))]
    assert wide([(THERE, 0)], there=(ROOM, 1)) == [("there.md", (0, 0))]


def test_a_heading_takes_room() -> None:
    assert (words_in(heading(HERE)), words_in(heading(THERE))) == (
        2,
        1,
    )  # the title, and the file in place of an outlet
    assert wide([(THERE, 0)], there=(ROOM - 2, 1)) == [("there.md", (0, 1))]
    assert wide([(HERE, 0)], here=(ROOM - 2, 1)) == [("here.md", (0, 0))]


def test_what_a_better_passage_took_in_is_left_out_and_nothing_is_reached_over() -> None:
    found = wide([(HERE, 1), (HERE, 2), (HERE, 3), (THERE, 0)], here=(100, 90, 70, 95, 90), there=(9,))
    assert found == [("here.md", (1, 2)), ("here.md", (3, 4)), ("there.md", (0, 0))]


def test_a_passage_of_an_article_that_was_replaced_meanwhile_stays_as_it_is() -> None:
    before = Passage(HERE, 3, 9, "before")
    assert widened([before], 10, {"here.md": article(2, 2)}.__getitem__, words_in) == [before]


def test_no_more_than_k_come_back() -> None:
    ranked = [(HERE, number) for number in range(6)]
    assert wide(ranked, 2, here=(200,) * 6) == [("here.md", (0, 0)), ("here.md", (1, 1))]


@given(st.lists(st.integers(1, 300), min_size=1, max_size=12), st.data())
def test_widened_passages_never_overlap_and_never_pass_the_limit(lengths: list[int], data: st.DataObject) -> None:
    ranked = data.draw(st.permutations(range(len(lengths))))
    found = wide([(THERE, number) for number in ranked], 20, there=tuple(lengths))
    spans = sorted(span for _, span in found)
    assert all(last < first for (_, last), (first, _) in pairwise(spans))
    assert {number for first, last in spans for number in range(first, last + 1)} == set(range(len(lengths)))
    assert all(first == last or sum(lengths[first : last + 1]) < ROOM for first, last in spans)

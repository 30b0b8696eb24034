"""What many tell, and tell for long, matters most; of each day one event is chosen before any day has two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from rag.schema import Citation, Dates, When
from rag.timeline.choice import chosen, importances
from rag.timeline.events import Found
from rag.timeline.happenings import Happening
from tests.store.samples import source


def report(document: str, published: str, when: str) -> Happening:
    quote = f"The old mill of Tarn burned down, the {document} wrote."
    citation = Citation(source(document, published), 0, len(quote), quote)
    return Happening((), citation, quote, When(Dates.parse(when) if when else None), 0)


def found(when: str, *told: tuple[str, str]) -> Found:
    """Make an event of a date, reported by documents that were published on the days given."""
    reports = tuple(report(document, published, when) for document, published in told)
    return Found(reports, When(Dates.parse(when) if when else None))


def all_near(found: Found) -> float:
    return 1.0


def days(picked: Sequence[tuple[Found, float]]) -> list[str]:
    return [str(each.when.dates) for each, _ in picked]


def best(among: Sequence[Found], limit: int | None = 1) -> list[str]:
    return days(chosen(list(zip(among, importances(among, all_near), strict=True)), limit))


ONCE = found("2021-05-03", ("courier", "2021-05-04"))


def test_what_more_articles_report_matters_more() -> None:
    twice = found("2021-05-08", ("courier", "2021-05-09"), ("observer", "2021-05-09"))
    assert best([ONCE, twice]) == ["2021-05-08"]


def test_copies_of_one_report_count_as_one() -> None:
    copied = found("2021-05-08", ("post", "2021-05-09"), ("copy", "2021-05-09"))
    alone, with_copy = importances([found("2021-05-03", ("post", "2021-05-04")), copied], all_near, lambda _: "post")
    assert alone == with_copy


def test_what_is_still_told_weeks_later_matters_more() -> None:
    news = found("2021-05-08", ("courier", "2021-05-09"), ("observer", "2021-05-10"))
    remembered = found("2021-05-12", ("courier", "2021-05-13"), ("observer", "2021-06-20"))
    assert best([ONCE, news, remembered]) == ["2021-05-12"]


def test_an_event_of_a_day_of_which_much_is_told_matters_more() -> None:
    same_day = [found("2021-05-08", (document, "2021-05-09")) for document in ("post", "observer")]
    assert best([ONCE, *same_day]) == ["2021-05-08"]


def test_what_is_off_the_topic_counts_for_nothing_not_even_for_its_day() -> None:
    other = found("2021-05-03", ("post", "2021-05-04"))
    weights = importances([ONCE, other], lambda each: float(each is ONCE))
    assert weights == [*importances([ONCE], all_near), 0]


def test_what_is_nearer_to_the_topic_matters_more() -> None:
    other = found("2021-05-08", ("courier", "2021-05-09"))
    near, far = importances([ONCE, other], lambda each: 1.0 if each is ONCE else 0.6)
    assert near > far > 0


def test_a_day_is_chosen_before_a_month_of_which_as_much_is_told() -> None:
    assert best([found("2021-05", ("post", "2021-05-04")), ONCE]) == ["2021-05-03"]


def test_without_a_limit_all_are_chosen_in_their_order() -> None:
    among = [found("2021-05-08", ("post", "2021-05-09")), ONCE, found("", ("observer", "2021-05-09"))]
    assert best(among, None) == ["2021-05-08", "2021-05-03", "None"]


weighed = st.lists(
    st.tuples(st.sampled_from(["2021-05-03", "2021-05-04", "2021-05-05", "2021-05", ""]), st.floats(0.1, 9)),
    max_size=12,
).map(lambda drawn: [(found(when, ("courier", "2021-05-06")), weight) for when, weight in drawn])


@given(weighed, st.integers(0, 14))
def test_no_day_has_two_events_while_another_that_has_any_has_none(
    among: list[tuple[Found, float]], limit: int
) -> None:
    picked = chosen(among, limit)
    assert [each for each in among if each in picked] == picked
    assert len(picked) == min(limit, len(among))
    had, has = Counter(days(among)), Counter(days(picked))
    assert all(has[one] <= has[other] + 1 or has[other] == had[other] for one in had for other in had)


@given(weighed)
def test_of_each_day_the_most_important_events_are_chosen(among: list[tuple[Found, float]]) -> None:
    days_there = len(set(days(among)))
    picked = dict(
        zip(days(chosen(among, days_there)), (weight for _, weight in chosen(among, days_there)), strict=True)
    )
    assert all(weight <= picked[day] for day, (_, weight) in zip(days(among), among, strict=True))

"""Numbers, dates and names are read from text, normalised, each at its place."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.facts import dates_in, name_key, names_in, numbers_in
from rag.facts.places import country_around, country_of
from rag.schema import Dates

SPELLINGS = """
Araji al-Araji al-Aaraji Al-Aʿraji | Qaani Ghaani Qa'ani Qani | Esmail Ismail Esmaeil Esma'il
Mohammed Mohammad Muhammad Mohamed | Hussein Hossein Husayn Hussain | Qassem Qasim Kasem Ghasem Qasem
Khamenei Khamene'i | Soleimani Sulaimani Suleimani Soleymani | Zelensky Zelenskyy Zelenskiy | Houthi Huthi
Gaddafi Qaddafi Kadhafi Gadhafi Khadafi Qadhdhafi | Dostoevsky Dostoyevsky Dostoyevskiy | Khaled Khalid
Tchaikovsky Chaikovskiy Tschaikowsky | Gorbachev Gorbachov | Abdulrahman Abdelrahman | Osama Usama
Abdullah Abdallah Abdollah | Rouhani Ruhani Rohani | Ghalibaf Qalibaf | Raisi Raeisi Ra'isi Reisi
Pezeshkian Pezeshkiyan | Sergei Sergey | Yury Yuri Iurii | Aleksandr Alexander | Dmitry Dmitri Dmitriy | Kyiv Kiev
Mousavi Musavi Moosavi | Hezbollah Hizbullah Hizballah | Araghchi Araqchi Aragchi | Faisal Faysal Feisal
Youssef Yusuf Yousef | Nasrallah Nasralla | Saeed Said Sayeed | Erdogan Erdoğan | Tehran Teheran | Fatemeh Fatima
Jinping Jin-ping | Yevgeny Evgeny | Vladimir Wladimir | Alexei Aleksey Alexey | Shoigu Shoygu | Omar Umar
Ahmadinejad Ahmadi-Nejad | Baghdad Bagdad | Cairo Kairo | Lourenco Lourenço | Walesa Wałęsa | Putin Poutine
"""
OTHERS = """
Araji Araghchi | Salami Sudani | Iran Iraq | Khaji Araji | Rome Oman | Oman Amman | Oman Yemen | Hussein Hassan
Niger Nigeria
Austria Australia | Mali Malawi | IRNA Iran | Sudan Sweden | Paris Peres | Slovakia Slovenia | Biden Baden | Mary Mario
Moscow Muscat | Libya Lebanon | Syria Serbia | Korea Cairo | Gambia Zambia | India Indonesia | Martin Martina
Ahmad Ahmadian | Larijani Araji | Xi Li | Zhang Zhou | Wang Wong | F-16 F-35 | Georgia George
"""


@pytest.mark.parametrize(
    "group", [part.split() for line in SPELLINGS.strip().splitlines() for part in line.split(" | ")]
)
def test_spellings_of_one_name_share_a_key(group: list[str]) -> None:
    assert {name: name_key(name) for name in group} == dict.fromkeys(group, name_key(group[0]))


@pytest.mark.parametrize("group", [part.split() for line in OTHERS.strip().splitlines() for part in line.split(" | ")])
def test_different_names_have_different_keys(group: list[str]) -> None:
    assert all(name_key(one) != name_key(other) for one, other in combinations(group, 2))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on March 19, 2023,", [("March 19, 2023", "2023-03-19", "day")]),
        ("the 19th of March 2023", [("the 19th of March 2023", "2023-03-19", "day")]),
        ("19.03.2023 or 2023-03-19", [("19.03.2023", "2023-03-19", "day"), ("2023-03-19", "2023-03-19", "day")]),
        ("stamped 2025-10-21T13:27:50+00:00", [("2025-10-21T13:27:50+00:00", "2025-10-21", "day")]),
        ("Updated on Oct.22 at noon", [("Oct.22", "None", "day")]),
        ("May 14–16, 2025", [("May 14–16, 2025", "2025-05-14", "day"), ("May 14–16, 2025", "2025-05-16", "day")]),
        ("early March 2023 and Sept 4th", [("March 2023", "2023-03", "month"), ("Sept 4th", "None", "day")]),
        ("in May it may march in April", [("May", "None", "month"), ("April", "None", "month")]),
        (
            "between 2015-18 and 2021",
            [("2015-18", "2015", "year"), ("2015-18", "2018", "year"), ("2021", "2021", "year")],
        ),
        ("Sunday, 11 May, or yesterday", [("Sunday, 11 May", "None", "day"), ("yesterday", "None", "day")]),
        ("2000 people, $2000 and 2,000", []),
        ("June 31, 2024", [("2024", "2024", "year")]),
        ("29 February", [("29 February", "None", "day")]),
    ],
)
def test_dates_are_found_with_their_precision(text: str, expected: list[tuple[str, str, str]]) -> None:
    found = [(text[each.start : each.end], str(each.dates), each.precision) for each in dates_in(text)]
    assert [each for each in found if each[0] != "June"] == expected


@pytest.mark.parametrize(
    ("text", "published", "meant"),
    [
        ("May 14", "2025-05-15", "2025-05-14"),
        ("December 30", "2025-01-02", "2024-12-30"),
        ("on Sunday", "2025-05-14", "2025-05-11"),
        ("yesterday", "2025-05-01", "2025-04-30"),
        ("in April", "2025-05-14", "2025-04"),
        ("May 14, 2023", "2025-05-15", "2023-05-14"),
        ("29 February", "2025-02-20", "2024-02-29"),
        ("May 14", "2025-05", "None"),
    ],
)
def test_a_date_is_completed_from_the_day_of_publication(text: str, published: str, meant: str) -> None:
    (mention,) = dates_in(text)
    assert str(mention.seen_from(Dates.parse(published)).dates) == meant


def test_a_date_supports_what_is_coarser_and_nothing_finer_or_different() -> None:
    day, month, year, other = (
        dates_in(text)[0] for text in ("Mar. 19, 2023", "March 2023", "in 2023", "March 20, 2023")
    )
    assert [day.states(each) for each in (day, month, year, other)] == [True, True, True, False]
    assert [month.states(each) for each in (day, month, year, other)] == [False, True, True, False]
    assert day.states(dates_in("Sunday")[0])
    assert not day.states(dates_in("Monday")[0])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5 million, 1,500,000 and 1.5m", ["1500000", "1500000", "1500000"]),
        ("three hundred and five", ["305"]),
        ("two thousand and six hundred", ["2600"]),
        ("one hundred two thousand", ["102000"]),
        ("twenty-one, twenty five six", ["21", "25", "6"]),
        ("the 3rd, the twelfth", ["3", "12"]),
        ("10-15 dead, five to ten hurt", ["10", "15", "5", "10"]),
        ("two dozen and a dozen", ["24", "12"]),
        ("no one, one of them, one soldier, one week", ["1", "1"]),
        ("an F-16 and COVID-19", []),
        ("at 12:37", ["757"]),
    ],
)
def test_numbers_are_read_in_figures_and_in_words(text: str, expected: list[str]) -> None:
    assert [number.value for number in numbers_in(text)] == [Decimal(value) for value in expected]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10%", "ten per cent", True),
        ("10 percent", "10 people", False),
        ("$2bn", "2 billion dollars", True),
        ("$2bn", "€2bn", False),
        ("12-day", "twelve days", True),
        ("12 days", "12 hours", False),
        ("12 days", "12", True),
        ("the 1990s", "1990", False),
    ],
)
def test_units_count(one: str, other: str, same: bool) -> None:
    assert numbers_in(one)[0].states(numbers_in(other)[0]) is same


def test_names_are_runs_of_capitals_with_what_joins_them() -> None:
    text = (
        "The United Nations’ envoy met Qasim al-Araji and Maj. Gen. Lena Voss of the Bank of England in St. Malo. "
        "Officials said “Police came.” On Monday, U.S. troops left; J. D. Marsh stayed."
    )
    found = [(name.text, name.opens) for name in names_in(text)]
    assert found == [
        ("United Nations", False),
        ("Qasim al-Araji", False),
        ("Maj. Gen. Lena Voss of the Bank of England", False),
        ("St. Malo", False),
        ("U.S.", False),
        ("J. D. Marsh", False),
    ]
    assert all(text[name.start : name.end] == name.text for name in names_in(text))


def test_countries_are_known_by_their_people_and_their_capital() -> None:
    assert [country_of(word) for word in ("Iranians", "U.S.", "Dutch", "Tehran")] == [
        "Iran",
        "United-States",
        "Netherlands",
        "",
    ]
    assert country_around("Tehran") == "Iran"


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("0123456789 .,-:%$MayOct")), max_size=200))
def test_any_text_can_be_read_and_every_place_is_in_it(text: str) -> None:
    name_key(text)
    read = (dates_in(text), numbers_in(text), names_in(text))
    places = [(each.start, each.end) for found in read for each in found]
    assert all(0 <= start < end <= len(text) for start, end in places)
    for mention in dates_in(text):
        mention.seen_from(Dates(date(2024, 2, 29), date(2024, 2, 29)))
        assert mention.dates is None or mention.dates.first.year == mention.year


def test_importing_the_gate_is_cheap() -> None:
    heavy = (
        "import sys, rag.gate.verify; print({'openai', 'httpx', 'pydantic', 'numpy', 'tenacity'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout == "set()\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 000 boats", ["30000"]),
        ("15 to 20 million euros", ["15000000 euro low", "20000000 euro high"]),
        ("between 20 and 30", ["20 low", "30 high"]),
        ("20-30 %", ["20 percent low", "30 percent high"]),
        ("from 8 to 9.50 euros", ["8 euro from", "9.50 euro to"]),
        ("at least 62, no more than nine", ["62 over", "9 under"]),
        ("eleven days or more", ["11 day over"]),
        ("less than half of it, two thirds", ["50.0 percent under", "66.7 percent"]),
        ("the third week", ["3 week"]),
        ("95 dollars a year", ["95 dollar year"]),
        ("one in six jobs", ["1", "6"]),
        ("in her seventies, three decades, 1.2 km", ["70 era", "30 year", "1200.0 metre"]),
        ("over 18 months", ["18 month"]),
    ],
)
def test_numbers_have_their_unit_rate_and_bounds(text: str, expected: list[str]) -> None:
    found = [f"{each.value} {each.unit} {each.rate} {each.bound}".split() for each in numbers_in(text)]
    assert found == [each.split() for each in expected]


@pytest.mark.parametrize("text", ["3 Aprıl 2020", "3 auguſt 2020", "İn May 2020", "5 octobeR 2020 \u212a"])
def test_letters_that_look_like_those_of_a_month_do_no_harm(text: str) -> None:
    assert [date.year for date in dates_in(text)] == [2020]

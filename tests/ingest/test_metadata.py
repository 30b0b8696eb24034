"""What a page says of itself: title, outlet, author, date and origin, on pages of many shapes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.cleaning import clean_text
from rag.ingest.metadata import site_of, source_of, stated_source
from rag.schema import Basis, Dates, Source

BODY = (
    "The harbour office in the capital said on Monday that ferries would sail again before the end of the week, after "
    "engineers had looked at both piers.\n\n"
    "A spokeswoman for the operator told reporters that about 400 passengers had been waiting since the storm.\n\n"
    "The last accident on the route happened on 3 May 2019, when a boat ran aground near the lighthouse."
)


def read(head: str, tail: str = "", document: str = "page.txt") -> Source:
    page = f"{head}\n\n{BODY}\n\n{tail}"
    return source_of(stated_source(document, {}), page, clean_text(page))


@pytest.mark.parametrize(
    ("line", "published", "basis"),
    [
        ("2025-10-21T13:27:50+00:00", "2025-10-21", Basis.STATED),
        ("Published: 14 May 2025", "2025-05-14", Basis.STATED),
        ("Posted on May 14th, 2025 by admin", "2025-05-14", Basis.STATED),
        ("May 14, 2025, 10:32 a.m. ET", "2025-05-14", Basis.STATED),
        ("Wednesday 14 May 2025 10.32 BST", "2025-05-14", Basis.STATED),
        ("14/05/2025", "2025-05-14", Basis.STATED),
        ("05/14/2025 - 18:05", "2025-05-14", Basis.STATED),
        ("05/06/2025", "2025", Basis.STATED),
        ("2025年5月14日", "2025-05-14", Basis.STATED),
        ("Nina Okafor | 14 May 2025 | World", "2025-05-14", Basis.STATED),
        ("By Nina Okafor May 14, 2025", "2025-05-14", Basis.STATED),
        ("Lisbon, 14 May 2025", "2025-05-14", Basis.STATED),
        ("Last updated: Sept. 3, 2024 at 5:10 PM", "2024-09-03", Basis.STATED),
        ("OSLO, May 14, 2025 (Norsk Press) -- Ferries will soon sail again between the two islands of the bay.",
         "2025-05-14", Basis.STATED),
        ("OSLO, May 20 – Ferries will sail again by 26 May 2025, said the harbour office of the northern bay.",
         "2025-05-20", Basis.INFERRED),
        ("OSLO, Dec. 20 – Ferries will sail again from 3 January 2025, said the harbour office of the bay.",
         "2024-12-20", Basis.INFERRED),
        ("OSLO, May 20 – Ferries will soon sail again, four years after the 2021 storm closed the route.",
         None, Basis.UNKNOWN),
        ("Monday", None, Basis.UNKNOWN),
        ("The storm of 14 May 2025", None, Basis.UNKNOWN),
        ("Floods Of May 14, 2025", None, Basis.UNKNOWN),
        ("A pier after the storm, May 14, 2025 (photo credit: Ola Nord)", None, Basis.UNKNOWN),
        ("Photo taken on 14 May 2025", None, Basis.UNKNOWN),
        ("On May 14, 2025 a storm closed the route.", None, Basis.UNKNOWN),
        ("On May 14 – a day of storms – the route between the two islands of the bay was closed.", None, Basis.UNKNOWN),
        ("OSLO, October 20 – Ferries will soon sail again between the two islands.", None, Basis.UNKNOWN),
    ],
)  # fmt: skip
def test_the_date_of_publication_is_told_from_other_dates(line: str, published: str | None, basis: Basis) -> None:
    source = read(f"Ferries to sail again before the weekend\n\n{line}")
    assert (source.published and str(source.published), source.basis) == (published, basis)


def test_a_published_line_beats_an_updated_line() -> None:
    source = read("Ferries to sail again\n\nUpdated: 16 May 2025\n\nPublished: 14 May 2025")
    assert source.published == Dates.parse("2025-05-14")


@pytest.mark.parametrize(
    ("head", "tail", "publisher", "origin"),
    [
        ("Ferries to sail again\n\nFjord News – Bergen", "", "Fjord News", ""),
        ("Ferries to sail again\n\nFNA (May 14) – Ferries will sail again, the harbour office of the city said.",
         "— Fjord News Agency, not FNA News Agency", "FNA News Agency", ""),
        ("Ferries to sail again\n\nBERGEN (May 14) – Ferries will sail again, the harbour office of the city said.",
         "", "", ""),
        ("Ferries to sail again\n\nBERGEN, Norway (Reuters) - Ferries will sail again, said the harbour office.",
         "", "Reuters", ""),
        ("Ferries to sail again\n\nBERGEN (AP) — Ferries will sail again, the harbour office of the city said.",
         "© 2025 The Fjord Herald. All rights reserved.", "The Fjord Herald", "AP"),
        ("Ferries to sail again", "Sign up for The Fjord Herald Newsletter", "The Fjord Herald", ""),
        ("Ferries to sail again", "Sign up for our newsletter", "", ""),
        ("Ferries to sail again", "Copyright © 2019-2025 Fjord Media Ltd. All Rights Reserved", "Fjord Media", ""),
        ("Ferries to sail again - The Fjord Times", "", "The Fjord Times", ""),
        ("Ferries to sail again | Fjordland", "", "Fjordland", ""),
        ("Ferries to sail again - analysis", "", "", ""),
        ("Ferries to sail again", "Original Source: www.fjord-times.no", "", "fjord-times.no"),
        ("Ferries to sail again", "source: https://www.fjord.example/2025/ferries", "", "fjord.example"),
        ("Ferries to sail again", "Source: Ministry of Transport", "", ""),
        ("Ferries to sail again", "This article was first published on Fjord Times on Tuesday.", "", "Fjord Times"),
        ("Ferries to sail again", "The post Ferries to sail again appeared first on Fjord Times.", "", "Fjord Times"),
        ("Ferries to sail again", "Republished with permission of The Fjord Herald", "", "The Fjord Herald"),
        ("Ferries to sail again\n\nNEW YORK, May 14, 2025 /PRNewswire/ -- Nordlink announced that ferries would sail.",
         "", "PRNewswire", ""),
    ],
)  # fmt: skip
def test_an_outlet_is_told_from_the_one_it_credits(head: str, tail: str, publisher: str, origin: str) -> None:
    source = read(head, tail)
    assert (source.publisher, source.origin) == (publisher, origin)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("Ferries to sail again, says operator", "Ferries to sail again, says operator"),
        ("Skip to content\nHome\nWorld\nSport\nFerries to sail again soon", "Ferries to sail again soon"),
        ("Will the ferries sail again?\n\nBy Nina Okafor", "Will the ferries sail again?"),
        ("Ferries to sail again | Fjordland", "Ferries to sail again"),
        ("BREAKING\n\nFerries to sail again within days", "Ferries to sail again within days"),
    ],
)  # fmt: skip
def test_the_headline_is_the_title(head: str, title: str) -> None:
    assert read(head).title == title


def test_a_telling_file_name_gives_title_and_date_when_the_text_has_none() -> None:
    source = read("", document="2024-11-10-ferries-to-sail-again.txt")
    assert (source.title, str(source.published), source.basis) == (
        "Ferries to sail again",
        "2024-11-10",
        Basis.INFERRED,
    )


def test_a_name_that_tells_nothing_gives_nothing() -> None:
    assert read("", document="003_e6217a3514cc8b54.txt") == Source("003_e6217a3514cc8b54.txt")


def test_only_a_web_address_becomes_a_link() -> None:
    assert stated_source("d", {"url": "javascript:alert(1)"}).url == ""


def test_the_author_is_read_from_the_byline() -> None:
    assert (
        read("Ferries to sail again soon\n\nBy Nina Okafor and Jan de Boer | World").author
        == "Nina Okafor and Jan de Boer"
    )


def test_what_is_stated_wins_over_the_text() -> None:
    fields = {
        "Title": "Stated", "Outlet": "Fjord Times", "Authors": ["A. Lund", {"name": "B. Ek"}], "link": "https://x.example/a",
        "Date": "2024-02", "published_basis": "inferred", "via": "https://www.origin.example/b",
    }  # fmt: skip
    page = f"Other headline entirely\n\nPublished: 14 May 2025\n\n{BODY}\n\nSource: www.other.example"
    assert source_of(stated_source("d", fields), page, clean_text(page)) == Source(
        "d", "Stated", "Fjord Times", "A. Lund, B. Ek", "https://x.example/a", Dates.parse("2024-02"), Basis.INFERRED,
        "origin.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "published"),
    [
        (date(2024, 5, 1), "2024-05-01"),
        (datetime(2024, 5, 1, 23, 30), "2024-05-01"),
        ("2024-05-01T23:30:00-05:00", "2024-05-01"),
        ("Wed, 01 May 2024 10:00:00 GMT", "2024-05-01"),
        ("May 2024", "2024-05"),
        (20240501, "2024-05-01"),
        ("20240501", "2024-05-01"),
        (2024, "2024"),
        (1714521600, "2024-05-01"),
        (1714521600000, "2024-05-01"),
        ("soon", None),
        ("2024-13-45", None),
        (True, None),
        (["2024"], None),
    ],
)
def test_a_stated_date_is_read_however_it_is_written(value: object, published: str | None) -> None:
    source = stated_source("d", {"published": value})
    assert (source.published and str(source.published)) == published


def test_a_source_that_is_an_address_is_the_url() -> None:
    source = source_of(stated_source("d", {"source": "https://www.fjord.example/a"}), BODY, BODY)
    assert (source.url, source.publisher) == ("https://www.fjord.example/a", "fjord.example")


@pytest.mark.parametrize(
    ("address", "site"),
    [("https://www.A.example:80/b?c", "a.example"), ("a.example", "a.example"), ("http://[", ""), ("AP", "")],
)
def test_the_site_of_an_address(address: str, site: str) -> None:
    assert site_of(address) == site


@given(st.text(), st.dictionaries(st.text(), st.recursive(st.none() | st.text() | st.integers(), st.lists)))
def test_no_page_and_no_field_breaks_it(page: str, fields: dict[str, object]) -> None:
    named = {**dict(zip(("title", "published", "author", "via", "url"), fields.values(), strict=False)), **fields}
    source = source_of(stated_source("d", named), page, clean_text(page))
    assert source == replace(source, document="d")
    assert (source.published is None) == (source.basis is Basis.UNKNOWN)


ARTICLES = Path(__file__).parents[3] / "shared" / "articles"


@pytest.mark.skipif(not ARTICLES.is_dir(), reason="the five raw articles are not beside this checkout")
@pytest.mark.parametrize(
    ("name", "publisher", "origin", "published", "basis"),
    [
        ("000", "The Jerusalem Post", "", None, Basis.UNKNOWN),
        ("001", "", "jpost.com", None, Basis.UNKNOWN),
        ("002", "", "tehrantimes.com", None, Basis.UNKNOWN),
        ("003", "WANA News Agency", "", "2025-05-14", Basis.INFERRED),
        ("004", "Shafaq News", "", "2025-10-21", Basis.STATED),
    ],
)
def test_real_pages(name: str, publisher: str, origin: str, published: str | None, basis: Basis) -> None:
    (file,) = ARTICLES.glob(f"{name}_*")
    page = file.read_text()
    source = source_of(stated_source(file.name, {}), page, clean_text(page))
    assert source.title == clean_text(page).partition("\n\n")[0]
    assert (source.publisher, source.origin, source.published and str(source.published), source.basis) == (
        publisher, origin, published, basis,
    )  # fmt: skip

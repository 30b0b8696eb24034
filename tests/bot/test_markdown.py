"""Whatever a text holds, Discord shows its characters and makes nothing else of them."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import markdown
from bot.markdown import escaped, fitting, length, line, link, safe_url, shortened, superscript, unescaped, visible
from tests.bot.discord_markdown import plain, read, seen
from tests.bot.samples import URLS, texts

limits = st.integers(1, 400)
many = settings(max_examples=400, deadline=None)


def at_signs(text: str) -> str:
    return text.replace("＠", "@")


@given(texts)
@many
def test_an_escaped_text_is_shown_as_it_is(text: str) -> None:
    assert seen(plain(escaped(text))) == seen(text)


@given(texts)
@many
def test_an_escaped_line_is_one_line(text: str) -> None:
    assert "\n" not in line(text)
    assert seen(plain(line(text))) == seen(text)


@given(texts)
@many
def test_what_is_visible_stays_so(text: str) -> None:
    assert visible(visible(text)) == visible(text)
    assert seen(visible(text)) == seen(text)
    assert "\n\n\n" not in visible(text)


@given(texts)
@many
def test_an_escaped_text_can_be_read_back(text: str) -> None:
    assert unescaped(escaped(text)) == at_signs(visible(text))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("# News", r"\# News"),
        ("a # b", "a # b"),
        ("#1 in Oskel", "#1 in Oskel"),
        ("-# small\n- item", "\\-# small\n\\- item"),
        ("> said", r"\> said"),
        ("3 > 2", "3 > 2"),
        ("1. First\n2) Second", "1\\. First\n2\\) Second"),
        ("1.5 million", "1.5 million"),
        ("snake_case * 2", r"snake\_case \* 2"),
        ("@everyone and @HERE, a@b.example", "＠everyone and ＠HERE, a@b.example"),
        ("<@1> <#2> <t:3>", r"\<＠1> \<#2> \<t:3>"),
        ("see https://a.example/b_c", r"see https\://a.example/b\_c"),
        ("[a](http://b.example)", r"\[a\](http\://b.example)"),
        ("on :fire: at 10:30", r"on \:fire: at 10:30"),
        ("soft\u00adware \ufe0f\u200bok", "software ok"),
        ("one\r\n\r\n\r\n\r\ntwo\tthree", "one\n\ntwo three"),
    ],
)
def test_only_what_would_be_formatting_is_escaped(text: str, written: str) -> None:
    assert escaped(text) == written


@given(texts, limits)
@many
def test_a_fitting_text_fits_and_is_the_beginning(text: str, limit: int) -> None:
    written = fitting(text, limit)
    assert length(written) <= limit
    if written != escaped(text):
        assert written.endswith("…")
        assert seen(text).startswith(seen(plain(written))[:-1].rstrip())


@given(texts, limits)
@many
def test_a_shortened_text_fits_and_is_the_beginning(text: str, limit: int) -> None:
    short = shortened(text, limit)
    assert length(short) <= limit
    assert short == text or (short.endswith("…") and text.startswith(short[:-1].rstrip()))


def test_a_text_is_cut_at_a_word() -> None:
    assert shortened("The ferry left the harbour", 20) == "The ferry left …"
    assert shortened("Donaudampfschifffahrt", 10) == "Donaudam …"


def test_what_is_cut_is_what_is_seen() -> None:
    assert fitting("\u200b" * 5000 + "harbour " * 40, 30) == "harbour harbour harbour …"


def test_length_counts_as_clients_do() -> None:
    assert length("a😀é") == 4


@given(texts, st.sampled_from(URLS) | texts)
@many
def test_a_link_is_whole_or_none(label: str, url: str) -> None:
    written = link(line(label), url)
    runs = read(written)
    assert seen("".join(run.text for run in runs)) == seen(label)
    address = safe_url(url) if seen(label) else ""
    assert {run.url for run in runs} <= {address}
    assert any(run.url for run in runs) == bool(address)


@given(st.sampled_from(URLS) | texts.map("https://news.example/{}".format))
@many
def test_an_address_is_encoded_and_stays_the_same(url: str) -> None:
    if address := safe_url(url):
        assert address.isascii()
        assert not set(address) & set('<>()\\ \n`|"')
        assert urlsplit(address).scheme in ("http", "https")
        assert length(address) <= markdown.URL_LIMIT
        assert unquote(address) == unquote(urlsplit(visible(url)).geturl().encode("utf-8", "ignore"))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://a.example/x_(y)", "https://a.example/x_%28y%29"),
        ("https://a.example/100%25?q=é", "https://a.example/100%25?q=%C3%A9"),
        (" HTTP://A.example/ ", "http://A.example/"),
        ("https://a.example/>)[b](<http://evil.example", "https://a.example/%3E%29%5Bb%5D%28%3Chttp://evil.example"),
        ("https://[2001:db8::1]:8080/", ""),
        ("https://a.example/@Everyone/@tarn", "https://a.example/%40Everyone/@tarn"),
        ("javascript:alert(1)", ""),
        ("//a.example/", ""),
        ("https://", ""),
        ("https://a.example:99999/", ""),
        ("https://[::1", ""),
        ("article.md", ""),
        ("https://a.example/" + "x" * 300, ""),
        ("", ""),
    ],
)
def test_only_an_address_of_the_web_is_one(url: str, address: str) -> None:
    assert safe_url(url) == address


@given(st.integers(0, 10**6))
@settings(deadline=None)
@example(1234567890)
def test_a_small_number_is_the_same_number(number: int) -> None:
    assert int(superscript(number).translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789"))) == number

"""Files of every format in, articles or a reason out; nothing a file contains raises."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pypdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag.errors import UnreadableError
from rag.ingest import reader, web
from rag.ingest.reader import Unreadable, article_files, document_names, fetch_article, read_articles
from rag.schema import Article, Basis, Dates, Source

TEXT = "Ferries to sail again\n\nThe harbour office said on Monday that the ferries would sail again."


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, bytes | str], Path]:
    def write(name: str, content: bytes | str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


Write = Callable[[str, bytes | str], Path]


def only(path: Path) -> Article:
    (article,) = read_articles(path)
    assert isinstance(article, Article), article
    return article


def error(path: Path) -> str:
    (unreadable,) = read_articles(path)
    assert isinstance(unreadable, Unreadable)
    assert unreadable.path == str(path)
    assert "\n" not in unreadable.error
    return unreadable.error


# --- text and its encodings -------------------------------------------------------------------------------------------


def test_a_text_file_is_an_article(written: Write) -> None:
    source = Source("ferries.txt", title="Ferries to sail again")
    assert only(written("ferries.txt", TEXT)) == Article(source, TEXT)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8-sig", TEXT),
        ("utf-16", "Fähre fährt wieder – sagt der Hafen."),
        ("utf-16-le", TEXT),
        ("utf-16-be", TEXT),
        ("utf-32", TEXT),
        ("cp1252", "“We won’t go,” the minister said. Café in Zürich – naïve résumé. The vote passed 51–49."),
        ("cp1250", "Ministr oświadczył w poniedziałek, że rozmowy będą kontynuowane w przyszłym tygodniu. Żółw."),
        ("cp1251", "Министр заявил в понедельник, что переговоры продолжатся на следующей неделе в Москве."),
        ("cp1256", "قال وزير الخارجية يوم الاثنين إن المحادثات ستستمر في بغداد وطهران خلال الأسبوع المقبل."),
        ("gb18030", "外交部长周一表示，谈判将在下周继续进行。"),
    ],
)
def test_encodings_are_recognised(written: Write, encoding: str, text: str) -> None:
    assert only(written("a.txt", text.encode(encoding))).text == text


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", b"", "no article text"),
        ("a.txt", b" \n\t\xef\xbb\xbf\n", "no article text"),
        ("a.txt", b"Share\nLeave a Reply\n0\n", "no article text"),
        ("a.txt", random.Random(7).randbytes(4000), "binary"),
        ("a.txt", b"\x7fELF" + bytes(2000) + b"text", "binary"),
        ("a.docx", b"PK\x03\x04", ".docx"),
        ("README", b"text", "without an ending"),
        ("a.md", b"---\ntitle: [\n---\nBody.", "front matter"),
        ("a.md", b"---\ndate: 2025-13-45\n---\nBody.", "front matter"),
        ("a.md", b"---\njust words\n---\nBody.", "front matter"),
        ("a.md", b"---\ntitle: Head\n---\n", "no article text"),
        ("a.html", b"", "empty"),
        ("a.html", b"<html><body></body></html>", "no article text"),
        ("a.pdf", b"%PDF-1.7 cut off", "PDF"),
        ("a.pdf", b"no PDF at all", "PDF"),
        ("a.jsonl", b"", "empty"),
        ("a.jsonl.gz", b"\x1f\x8b\x08 broken", "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_article_is_reported(written: Write, name: str, content: bytes, says: str) -> None:
    assert says in error(written(name, content))


def test_what_is_not_there_or_not_a_file_is_reported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "nowhere")
    assert "cannot be opened" in error(tmp_path / "missing.txt")
    assert "cannot be opened" in error(tmp_path / "dangling.txt")
    assert "cannot be opened" in error(tmp_path / "missing.jsonl")
    assert "not a regular file" in error(tmp_path / "pipe.txt")


def test_a_file_of_200_mb_is_reported_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "big.txt").open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    assert "200 MB" in error(tmp_path / "big.txt")


# --- Markdown ---------------------------------------------------------------------------------------------------------

MARKDOWN = """---
Title: Ferries to sail again
site: Fjord Times
DATE: 2025-05-14
published_basis: inferred
url: https://fjord.example/ferries
---
# What is known

The **harbour office** said on *Monday* that [the ferries](https://x.example/a_(b)) would
sail again; see snake_case and 2 * 3. <!-- not
for readers -->

The boats
---------
* Norra
* Sund, the
  older one
1. first, `code`

> “We waited,” she said.

![Mayor Brandt signs the accord](mayor.jpg)

| Boat | Seats |
|------|------:|
| Sund | 40 |

[ref]: https://x.example
"""


def test_markdown_becomes_plain_paragraphs_with_its_front_matter(written: Write) -> None:
    assert only(written("ferries.md", MARKDOWN)) == Article(
        Source(
            "ferries.md", "Ferries to sail again", "Fjord Times", "", "https://fjord.example/ferries",
            Dates.parse("2025-05-14"), Basis.INFERRED,
        ),
        "\n\n".join(
            [
                "What is known",
                "The harbour office said on Monday that the ferries would sail again; see snake_case and 2 * 3.",
                "The boats", "Norra", "Sund, the older one", "1. first, code", "“We waited,” she said.",
                "Mayor Brandt signs the accord", "Boat | Seats", "Sund | 40",
            ]
        ),
    )  # fmt: skip


def test_markdown_without_front_matter_may_begin_with_a_rule(written: Write) -> None:
    assert only(written("a.markdown", "---\n\nThe ferries sail again.\n")).text == "The ferries sail again."


# --- JSON Lines -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", [lambda content: content, gzip.compress], ids=["plain", "gzip"])
@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz"])
def test_each_line_is_an_article_and_a_broken_one_is_reported(
    written: Write, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    lines = [
        b'{"title": "One", "publisher": "Fjord Times", "published": "2025-05-14", "body": "First text."}',
        b"",
        b'{"title": "cut off", "bo',
        b'["no object"]',
        b'{"title": "no body"}',
        b"[" * 100_000,
        '{"body": "Café in Zürich – naïve."}'.encode("cp1252"),
    ]  # fmt: skip
    path = written(f"a{suffix}", pack(b"\n".join(lines)))
    read = list(read_articles(path, document="news/a"))
    assert read[0] == Article(
        Source("news/a#1", "One", "Fjord Times", published=Dates.parse("2025-05-14"), basis=Basis.STATED), "First text."
    )
    assert [item.path for item in read if isinstance(item, Unreadable)] == [
        f"{path}#{number}" for number in (3, 4, 5, 6)
    ]
    assert read[-1] == Article(Source("news/a#7"), "Café in Zürich – naïve.")
    assert len(read) == 6


def test_a_damaged_archive_gives_the_articles_before_the_damage(written: Write) -> None:
    rng = random.Random(3)
    bodies = ["".join(rng.choices("abcdefgh ", k=2000)) for _ in range(200)]
    packed = gzip.compress("\n".join(json.dumps({"body": body}) for body in bodies).encode())
    *articles, last = read_articles(written("a.jsonl.gz", packed[: len(packed) // 2]))
    assert len(articles) > 50
    assert isinstance(last, Unreadable)
    assert "damaged" in last.error


def test_a_bomb_is_neither_held_in_memory_nor_read_to_its_end(written: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LINE_LIMIT", 1000)
    monkeypatch.setattr(reader, "STREAM_LIMIT", 100_000)
    long_line = written("a.jsonl", b'{"body": "' + b"a" * 50_000 + b'"}\n{"body": "Short."}\n')
    too_long, short = read_articles(long_line)
    assert isinstance(too_long, Unreadable)
    assert isinstance(short, Article)
    assert short.source.document == "a.jsonl#2"
    bomb = written("b.jsonl.gz", gzip.compress(b" " * 10_000_000))
    assert "unpacks to more" in list(read_articles(bomb))[-1].error  # type: ignore[union-attr]


# --- HTML -------------------------------------------------------------------------------------------------------------

HTML = """<!doctype html><html><head><title>Ferries to sail again - Fjord Times</title>
<meta property="og:title" content="Ferries to sail again"><meta property="og:site_name" content="Fjord Times">
<meta property="og:image" content="https://fjord.example/2019/08/26/mayor.jpg">{date}</head><body>
<nav><a href="/">Home</a> <a href="/world">World</a></nav>
<article><h1>Ferries to sail again</h1>
<figure><img src="/2019/08/26/mayor.jpg"><figcaption>Mayor Brandt and Per Dahl sign the accord.</figcaption></figure>
<p>The ferries between the two islands will sail again on Monday after three weeks – said the harbour office.</p>
<h2>What changes</h2>
<p>Passengers must book two hours ahead, and bicycles travel free of charge until the end of the summer season.</p>
<ul><li>Adults pay 12 euros</li><li>Children pay 4 euros</li></ul>
<table><tr><th>Boat</th><th>Seats</th></tr><tr><td>Sund</td><td>40</td></tr></table></article>
<footer>Follow us on Facebook</footer></body></html>"""

BODY = [
    "Mayor Brandt and Per Dahl sign the accord.",
    "The ferries between the two islands will sail again on Monday after three weeks – said the harbour office.",
    "What changes",
    "Passengers must book two hours ahead, and bicycles travel free of charge until the end of the summer season.",
    "Adults pay 12 euros",
    "Children pay 4 euros",
    "Boat | Seats",
    "Sund | 40",
]


def test_a_saved_page_is_an_article_with_its_metadata(written: Write) -> None:
    stated = '<meta property="article:published_time" content="2025-05-14T09:00:00Z">'
    article = only(written("a.html", HTML.format(date=stated)))
    assert article.source == Source(
        "a.html", "Ferries to sail again", "Fjord Times", published=Dates.parse("2025-05-14"), basis=Basis.STATED
    )
    assert article.text.split("\n\n")[-8:] == BODY
    assert "Home" not in article.text
    assert "Facebook" not in article.text


def test_the_date_in_a_photos_address_is_not_the_pages(written: Write) -> None:
    assert only(written("a.htm", HTML.format(date=""))).source.basis is Basis.UNKNOWN


def test_a_page_is_decoded_as_it_declares(written: Write) -> None:
    page = HTML.format(date='<meta charset="windows-1252">').encode("cp1252")
    assert "weeks – said" in only(written("a.html", page)).text


# --- PDF --------------------------------------------------------------------------------------------------------------


def pdf(*pages: list[str], password: str = "", info: dict[str, str] | None = None) -> bytes:
    """Write a PDF with a page for each list of lines."""
    writer = pypdf.PdfWriter()
    for lines in pages:
        page = writer.add_blank_page(612, 792)
        show = " T* ".join("({}) Tj".format(line.replace("(", r"\(").replace(")", r"\)")) for line in lines)
        content = pypdf.generic.StreamObject()
        content.set_data(f"BT /F1 11 Tf 14 TL 50 740 Td {show} ET".encode("latin-1"))
        name = pypdf.generic.NameObject
        font = pypdf.generic.DictionaryObject(
            {name("/Type"): name("/Font"), name("/Subtype"): name("/Type1"), name("/BaseFont"): name("/Helvetica")}
        )
        fonts = pypdf.generic.DictionaryObject({name("/F1"): font})
        page[name("/Resources")] = pypdf.generic.DictionaryObject({name("/Font"): fonts})
        page[name("/Contents")] = writer._add_object(content)
    writer.add_metadata(info or {})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


PDF_LINES = [
    "Ferries to sail again",
    "The harbour office said on Monday that the ferries would soon sail a-",
    "gain between the well-known islands of the bay, and that some well-",
    "known boats of the old line would leave first. The boats of the Sund-",
    "Norra line will follow them out of the harbour tomorrow.",
    "Nobody objected.",
]


def test_a_pdf_is_read_across_its_line_ends_and_pages(written: Write) -> None:
    first = ["The Norra Gazette 1", *PDF_LINES[:3]]
    second = ["The Norra Gazette 2", *PDF_LINES[3:]]
    article = only(written("a.pdf", pdf(first, second, ["The Norra Gazette 3", "The end came on Tuesday."])))
    assert article.text.split("\n\n") == [
        "Ferries to sail again",
        "The harbour office said on Monday that the ferries would soon sail again between the well-known islands "
        "of the bay, and that some well-known boats of the old line would leave first. The boats of the "
        "Sund-Norra line will follow them out of the harbour tomorrow.",
        "Nobody objected.",
        "The end came on Tuesday.",
    ]


def test_the_day_a_pdf_was_made_is_at_best_inferred(written: Write) -> None:
    info = {"/Title": "From the file", "/CreationDate": "D:20240102030405Z"}
    made = only(written("a.pdf", pdf(["The ferries sail again."], info=info))).source
    assert (made.title, made.published, made.basis) == ("From the file", Dates.parse("2024-01-02"), Basis.INFERRED)
    stated = only(written("b.pdf", pdf(["Ferries sail again soon", "14 May 2025", "They do."], info=info))).source
    assert (stated.title, stated.published, stated.basis) == (
        "Ferries sail again soon", Dates.parse("2025-05-14"), Basis.STATED,
    )  # fmt: skip


def test_a_locked_and_a_scanned_pdf_say_so(written: Write) -> None:
    assert "password" in error(written("a.pdf", pdf(["Secret."], password="s3same")))
    assert "scan" in error(written("b.pdf", pdf([])))


# --- folders and names ------------------------------------------------------------------------------------------------


def test_folders_are_searched_in_order_and_hidden_files_left_out(written: Write, tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/.hidden.md", ".git/x.txt", "a/b/c.docx"):
        written(name, "x")
    files = list(article_files([tmp_path, tmp_path / "b.txt", tmp_path / "missing.txt"]))
    assert [str(file.relative_to(tmp_path)) for file in files] == ["b.txt", "a/z.md", "a/b/c.docx", "missing.txt"]


def test_files_of_the_same_name_get_names_that_differ() -> None:
    files = [Path("/x/a/news.txt"), Path("/x/b/news.txt"), Path("/y/b/news.txt"), Path("/x/other.txt")]
    names = document_names(files)
    assert list(names.values()) == ["a/news.txt", "x/b/news.txt", "y/b/news.txt", "other.txt"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(
    st.sampled_from([".txt", ".md", ".html", ".htm", ".pdf", ".jsonl", ".jsonl.gz"]),
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(
        [b"", b"%PDF-1.4\n", b"---\n", b"\x1f\x8b\x08\x00", b"<html><p>", b'{"body": "', b"\xff\xfe", b"\xff\xfe\0\0"]
    ),
)
@example(".md", b"a: &a [*a]\nauthor: *a\n---\nText.", b"---\n")
@example(".jsonl", b'x", "published": 1e999, "author": [[[]]]}', b'{"body": "')
@example(".jsonl", b'\\ud800 x", "title": "\\udfff"}', b'{"body": "')
def test_no_bytes_in_a_file_raise(tmp_path: Path, suffix: str, content: bytes, start: bytes) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(start + content)
    for item in read_articles(path):
        (item.text if isinstance(item, Article) else item.error).encode()
        repr(item.source if isinstance(item, Article) else item.path).encode()


# --- the web ----------------------------------------------------------------------------------------------------------


class _Site(BaseHTTPRequestHandler):
    """Answer with a page for each path."""

    def do_GET(self) -> None:
        status, headers, content = {
            "/page": (200, {"Content-Type": "text/html; charset=windows-1252"}, HTML.format(date="").encode("cp1252")),
            "/text": (200, {"Content-Type": "text/plain"}, TEXT.encode()),
            "/untyped": (200, {}, pdf(["The ferries sail again."])),
            "/moved": (302, {"Location": "/page"}, b""),
            "/inwards": (302, {"Location": "http://10.0.0.8/page"}, b""),
            "/loop": (302, {"Location": "/loop"}, b""),
            "/image": (200, {"Content-Type": "image/png"}, b"\x89PNG"),
            "/large": (200, {"Content-Type": "text/plain"}, b"a" * 5000),
        }.get(self.path, (404, {}, b"not here"))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_page_is_fetched_through_its_redirect(site: str) -> None:
    article = fetch_article(f"{site}/moved", allow_private=True)
    assert article.source == Source(f"{site}/page", "Ferries to sail again", "Fjord Times", url=f"{site}/page")
    assert article.text.split("\n\n")[-8:] == BODY


@pytest.mark.parametrize(("path", "text"), [("/text", TEXT), ("/untyped", "The ferries sail again.")])
def test_text_and_pdf_are_fetched_too(site: str, path: str, text: str) -> None:
    assert fetch_article(f"{site}{path}", allow_private=True).text == text


@pytest.mark.parametrize(
    ("path", "says"), [("/missing", "404"), ("/loop", "redirect"), ("/image", "image/png"), ("/large", "larger")]
)
def test_a_page_that_is_no_article_is_refused(site: str, path: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PAGE_LIMIT", 4000)
    with pytest.raises(UnreadableError, match=says):
        fetch_article(f"{site}{path}", allow_private=True)


PRIVATE = [
    "127.0.0.1",
    "localhost",
    "10.0.0.8",
    "169.254.169.254",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "0",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_nothing_is_fetched_from_this_machine_or_its_network(site: str, host: str) -> None:
    with pytest.raises(UnreadableError, match=r"not a public address|no host"):
        fetch_article(f"http://{host}:{site.rpartition(':')[2]}/page")


def test_a_public_page_cannot_redirect_to_a_private_one(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    is_public = web._is_public
    monkeypatch.setattr(web, "_is_public", lambda address: address == "127.0.0.1" or is_public(address))
    assert fetch_article(f"{site}/text").text == TEXT  # as if the test's server were public
    with pytest.raises(UnreadableError, match=r"10\.0\.0\.8 is not a public address"):
        fetch_article(f"{site}/inwards")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://x.example/a", "x.example", "http://", "http://[", "\0", ""]
)
def test_only_web_addresses_are_fetched(url: str) -> None:
    with pytest.raises(UnreadableError) as raised:
        fetch_article(url)
    assert "\n" not in str(raised.value)

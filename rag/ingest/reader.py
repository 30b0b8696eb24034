"""Files and web pages in, articles out. The only module that knows file formats.

What cannot be read as an article is reported as `Unreadable` and never stops the rest.
"""

from __future__ import annotations

import gzip
import io
import json
import logging
import os
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import charset_normalizer
import yaml

from rag.errors import UnreadableError
from rag.ingest.cleaning import clean_text
from rag.ingest.markdown import plain_text
from rag.ingest.metadata import source_of, stated_source
from rag.schema import Article, Basis, Source

for _chatty in (
    "pypdf",
    "trafilatura",
    "htmldate",
    "charset_normalizer",
):  # what they warn of is reported as Unreadable
    logging.getLogger(_chatty).setLevel(logging.CRITICAL)

FILE_LIMIT = 50 * 1024 * 1024  # bytes; an article is a thousandth of that
LINE_LIMIT = 10 * 1024 * 1024  # characters of one article in JSON Lines
STREAM_LIMIT = 2 * 1024**3  # characters of a whole JSON Lines file, unpacked


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or a line of one, that is no article; `error` says in one line what is wrong and what to do."""

    path: str
    error: str


def article_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files at the paths, each once, folders searched recursively in sorted order, hidden files left out."""
    seen: set[str] = set()
    for path in paths:
        for file in _files_below(path) if path.is_dir() else [path]:
            real = os.path.realpath(file)
            if real not in seen:
                seen.add(real)
                yield file


def document_names(files: Sequence[Path]) -> dict[Path, str]:
    """Name each file by as much of the end of its path as tells it from the others: usually its name alone."""
    depth = dict.fromkeys(files, 1)
    while True:
        names = {file: "/".join(file.absolute().parts[-parts:]) for file, parts in depth.items()}
        count = Counter(names.values())
        shared = [file for file, name in names.items() if count[name] > 1 and depth[file] < len(file.absolute().parts)]
        if not shared:
            return names
        depth.update((file, depth[file] + 1) for file in shared)


def read_articles(location: Path, document: str = "") -> Iterator[Article | Unreadable]:
    """Read a file's articles. `document` names it among the others (default: the file's name); never raises."""
    document = document or location.name
    suffixes = [suffix.lower() for suffix in location.suffixes[-2:]]
    try:
        if suffixes[-1:] == [".jsonl"] or suffixes == [".jsonl", ".gz"]:
            yield from _read_lines(location, document)
        else:
            yield _read_file(location, document, suffixes[-1] if suffixes else "")
    except UnreadableError as error:
        yield Unreadable(str(location), str(error))
    except OSError as error:
        yield Unreadable(str(location), f"It cannot be opened ({error.strerror or error}): check the path.")


def fetch_article(url: str, allow_private: bool = False) -> Article:
    """Read the article at a web address. Raises UnreadableError with one line that says why not.

    `allow_private` lets it fetch from this machine and its network, which an address given by a stranger must not.
    """
    from rag.ingest.web import fetch_page

    page = fetch_page(url, allow_private)
    read = _MEDIA_TYPES.get(page.media_type or _sniffed(page.content))
    if read is None:
        raise UnreadableError(
            f"{url} is {page.media_type}, which is not an article: give the address of a page or PDF."
        )
    article = read(page.content, Source(page.url, url=page.url), page.encoding)
    return replace(article, source=replace(article.source, document=page.url))


# --- files ------------------------------------------------------------------------------------------------------------


def _files_below(folder: Path) -> Iterator[Path]:
    refused: list[Path] = []
    for here, folders, names in os.walk(folder, onerror=lambda error: refused.append(Path(str(error.filename)))):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(here, name) for name in sorted(names) if not name.startswith("."))
    yield from refused


def _read_file(location: Path, document: str, suffix: str) -> Article:
    if location.is_dir():
        raise UnreadableError("It is a folder that cannot be searched: check its permissions.")
    if location.exists() and not location.is_file():
        raise UnreadableError("It is not a regular file: give a file or a folder.")
    size = location.stat().st_size
    read = _SUFFIXES.get(suffix)
    if read is None:
        known = ", ".join((*_SUFFIXES, ".jsonl", ".jsonl.gz"))
        raise UnreadableError(f"A file named {suffix or 'without an ending'} is not read: save it as one of {known}.")
    if size > FILE_LIMIT:
        raise UnreadableError(f"It has {size // 2**20} MB, more than {FILE_LIMIT // 2**20}: split it into articles.")
    with location.open("rb") as file:
        content = file.read(FILE_LIMIT + 1)
    return read(content, Source(document), "")


def _article(known: Source, page: str, text: str) -> Article:
    text = clean_text(text)
    if not any(map(str.isalnum, text)):
        raise UnreadableError("It holds no article text: check that it is the article and not a menu or a picture.")
    return Article(source_of(known, page, text), text)


# --- text -------------------------------------------------------------------------------------------------------------

_BYTE_ORDER_MARKS = (  # the longer first: UTF-32's begins with UTF-16's
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SAMPLE = 200_000  # bytes are plenty to recognise an encoding
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
_MOST_CONTROL = 0.1  # share of control characters above which something is not text


def decoded(content: bytes, declared: str = "") -> str:
    """Decode text by its byte order mark, as UTF-8, as declared, or by its looks. Raises UnreadableError for binary."""
    text = _decoded(content, declared)
    if len(_CONTROL.findall(text[:_SAMPLE])) > _MOST_CONTROL * len(text[:_SAMPLE]):
        raise UnreadableError("It is binary, not text: save the article as text, HTML or PDF.")
    return text


def _decoded(content: bytes, declared: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    for encoding in (_unmarked_utf16(content), "utf-8", declared):
        try:
            if encoding:
                return content.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    best = charset_normalizer.from_bytes(content[:_SAMPLE]).best()
    if best is None:
        raise UnreadableError("It is binary, or text in an unknown encoding: save it as UTF-8.")
    western = content.decode("cp1252", "replace")
    if best.encoding == "cp1250" and not re.search(r"[^\W\d_][¡-¿][^\W\d_]", western[:_SAMPLE]):
        return western  # both fit, and no word has a symbol in it, as Polish or Czech read so would have
    return content.decode(best.encoding, "replace")


def _unmarked_utf16(content: bytes) -> str:
    """Recognise UTF-16 without a mark by its zeros: in most scripts half of the bytes of spaces and full stops."""
    sample = content[:_SAMPLE]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 10 < len(sample) or min(even, odd) * 10 > max(even, odd):
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _read_text(content: bytes, known: Source, declared: str) -> Article:
    page = decoded(content, declared)
    return _article(known, page, page)


# --- Markdown ---------------------------------------------------------------------------------------------------------

_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.S | re.M)
_LONGEST_FRONT_MATTER = 64 * 1024  # characters; YAML is slow


def _read_markdown(content: bytes, known: Source, declared: str) -> Article:
    page = decoded(content, declared).replace("\r\n", "\n").replace("\r", "\n")
    match = _FRONT_MATTER.match(page[:_LONGEST_FRONT_MATTER])
    fields = _front_matter(match[1]) if match else {}
    body = plain_text(page[match.end() :] if match else page)
    stated = stated_source(known.document, fields)
    return _article(replace(stated, url=stated.url or known.url), body, body)


def _front_matter(text: str) -> Mapping[Any, object]:
    try:
        fields = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date like 2025-13-45
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 2}" if mark else ""
        raise UnreadableError(
            f"Its front matter is not YAML{where} ({getattr(error, 'problem', None) or error}): correct it."
        ) from None
    if fields is None:
        return {}
    if not isinstance(fields, dict):
        raise UnreadableError("Its front matter is not a list of `name: value` lines: correct it.")
    return fields


# --- JSON Lines -------------------------------------------------------------------------------------------------------


def _read_lines(location: Path, document: str) -> Iterator[Article | Unreadable]:
    number = 0
    try:
        with _opened(location) as stream:
            for number, line in enumerate(_lines(stream), start=1):
                if line.strip():
                    yield _read_line(line, location, document, number)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UnreadableError(f"It is damaged after line {number}: copy the file again.") from None
    if not number:
        raise UnreadableError("It is empty: write one JSON article a line.")


def _opened(location: Path) -> IO[str]:
    if location.exists() and not location.is_file():
        raise UnreadableError("It is not a regular file: give a file or a folder.")
    with location.open("rb") as file:
        start = file.read(4)
    if start.startswith(b"\x1f\x8b"):
        return gzip.open(location, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="\n")
    marked = next((encoding for mark, encoding in _BYTE_ORDER_MARKS if start.startswith(mark)), "utf-8-sig")
    errors = "surrogateescape" if marked == "utf-8-sig" else "replace"
    return location.open(encoding=marked, errors=errors, newline="\n")


def _lines(stream: IO[str]) -> Iterator[str]:
    """Yield the lines of a stream, cutting off what is too long. Raises UnreadableError when there is no end to it."""
    total = 0
    while line := stream.readline(LINE_LIMIT):
        rest = line
        while len(rest) == LINE_LIMIT and not rest.endswith("\n"):
            rest = stream.readline(LINE_LIMIT)
            total += len(rest)
        total += len(line)
        if total > STREAM_LIMIT:
            raise UnreadableError(f"It unpacks to more than {STREAM_LIMIT // 2**30} GB: split it.")
        yield line


def _read_line(line: str, location: Path, document: str, number: int) -> Article | Unreadable:
    try:
        if len(line) >= LINE_LIMIT:
            raise UnreadableError(f"It is longer than {LINE_LIMIT // 2**20} million characters: split it.")
        fields = _json_object(line)
        body = fields.get("body")
        if not isinstance(body, str):
            raise UnreadableError('It has no "body" with the text of the article: add one.')
        return _article(stated_source(f"{document}#{number}", fields), body, body)
    except UnreadableError as error:
        return Unreadable(f"{location}#{number}", str(error))


def _json_object(line: str) -> Mapping[Any, object]:
    if re.search("[\udc80-\udcff]", line):  # not UTF-8
        line = decoded(line.encode("utf-8", "surrogateescape"))
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"It is not JSON ({error}): correct the line.") from None
    if not isinstance(fields, dict):
        raise UnreadableError('It is not a JSON object such as {"body": "…"}: correct the line.')
    return fields


# --- HTML -------------------------------------------------------------------------------------------------------------

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{1,40})", re.I)
_ITEM = re.compile(r"^- |^\|[ \t:|-]*$|^\| ?| ?\| ?$", re.M)  # how trafilatura marks list items and table rows


def _read_html(content: bytes, known: Source, declared: str) -> Article:
    meta = _CHARSET.search(content[:4096])
    page = decoded(content, declared or (meta[1].decode("ascii", "replace") if meta else ""))
    if not page.strip():
        raise UnreadableError("It is empty: save the page again.")
    with _parsing("HTML"):
        text, fields = _parsed_html(page)
    stated = stated_source(known.document, fields)
    text = _ITEM.sub("", text).replace("\n", "\n\n")
    return _article(replace(stated, url=known.url or stated.url), text, text)


def _parsed_html(page: str) -> tuple[str, Mapping[Any, object]]:
    """Return the main text, a paragraph a line, and what the page's metadata states."""
    import trafilatura
    from htmldate import find_date

    tree = trafilatura.load_html(page)
    if tree is None:
        return "", {}
    metadata = trafilatura.extract_metadata(tree, extensive=False)
    for caption in tree.iter("figcaption"):  # trafilatura drops captions, and some are the only report of something
        caption.tag = "p"
    for figure in tree.iter("figure"):
        figure.tag = "div"
    text = trafilatura.extract(tree, include_comments=False, favor_recall=True)
    for picture in tree.xpath("//img|//source|//meta[contains(@property, 'image') or contains(@name, 'image')]"):
        picture.drop_tree()  # the date in a photo's address is not the article's
    published = find_date(tree, extensive_search=False, original_date=True)
    return text or "", {
        "title": metadata.title,
        "publisher": metadata.sitename,
        "author": metadata.author,
        "url": metadata.url,
        "published": published,
    }


@contextmanager
def _parsing(kind: str) -> Iterator[None]:
    """Report whatever a parser raises on a malformed file as such."""
    try:
        yield
    except UnreadableError:
        raise
    except Exception as error:  # noqa: BLE001  # parsers of hostile formats raise anything
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        raise UnreadableError(f"It is not {kind} that can be read ({reason}): save it again, or its text.") from None


# --- PDF --------------------------------------------------------------------------------------------------------------

_HYPHENATED = re.compile(r"(\w+)-\n(?=[^\W\d_])(\w+)")
_PDF_DATE = re.compile(r"D:(\d{8})")
_MOST_PAGES = 1000


def _read_pdf(content: bytes, known: Source, declared: str) -> Article:
    with _parsing("a PDF"):
        text, title, created = _parsed_pdf(content)
    if not text.strip():
        raise UnreadableError("It is a PDF without text, perhaps a scan: run it through text recognition first.")
    article = _article(known, text, text)
    source = article.source
    if not source.title:
        source = replace(source, title=title)
    if source.published is None and created:  # when the file was made, for want of anything better
        stated = stated_source("", {"published": created})
        source = replace(source, published=stated.published, basis=Basis.INFERRED if stated.published else source.basis)
    return replace(article, source=source)


def _parsed_pdf(content: bytes) -> tuple[str, str, str]:
    """Return the text with wrapped lines, the title and the day of creation (YYYYMMDD)."""
    import pypdf

    reader = pypdf.PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableError("It is password-protected: save it without a password.")
    if len(reader.pages) > _MOST_PAGES:
        raise UnreadableError(f"It has more than {_MOST_PAGES} pages: split it into articles.")
    pages = [page.extract_text().splitlines() for page in reader.pages]
    text = _dehyphenated("\n".join(line for lines in _without_running_heads(pages) for line in lines))
    about = reader.metadata
    day = _PDF_DATE.match(str(about.creation_date_raw)) if about else None
    return text, str(about.title or "") if about else "", day[1] if day else ""


def _without_running_heads(pages: Sequence[Sequence[str]]) -> list[list[str]]:
    """Drop first and last lines that differ between pages in their numbers only."""
    edges = Counter(_numberless(line) for lines in pages for line in {*lines[:1], *lines[-1:]})
    running = {line for line, count in edges.items() if count > 2 and count * 2 > len(pages)}
    return [
        [
            line
            for place, line in enumerate(lines)
            if place not in (0, len(lines) - 1) or _numberless(line) not in running
        ]
        for lines in pages
    ]


def _numberless(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _dehyphenated(text: str) -> str:
    """Join the words that the end of a line divides, keeping the hyphen where the text writes it elsewhere too."""

    def joined(match: re.Match[str]) -> str:
        compound = f"{match[1]}-{match[2]}"
        keeps_hyphen = not match[2][0].islower() or (compound in text and match[1] + match[2] not in text)
        return "\n" + (compound if keeps_hyphen else match[1] + match[2])

    return _HYPHENATED.sub(joined, text)


# --- what reads what --------------------------------------------------------------------------------------------------

_Reader = Callable[[bytes, Source, str], Article]  # the content, what is known already, the encoding it is said to have
_SUFFIXES: dict[str, _Reader] = {
    ".md": _read_markdown,
    ".markdown": _read_markdown,
    ".txt": _read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".pdf": _read_pdf,
}
_MEDIA_TYPES: dict[str, _Reader] = {
    "text/html": _read_html,
    "application/xhtml+xml": _read_html,
    "application/pdf": _read_pdf,
    "text/plain": _read_text,
    "text/markdown": _read_markdown,
}


def _sniffed(content: bytes) -> str:
    if content.startswith(b"%PDF"):
        return "application/pdf"
    return "text/html" if re.search(rb"<(?:!doctype|html|body)", content[:2048], re.I) else "text/plain"

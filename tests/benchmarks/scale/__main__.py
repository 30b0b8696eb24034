"""Measure what it costs to have more articles: how fast, how large, how long to start, and what one article more takes.

python -m tests.benchmarks.scale ARTICLES --data DIR [--passages 5000 50000 500000] [--questions FILE]

It builds a store of each size in DIR, of the articles given and as many like them as it takes, through the real ingest
with a stand-in for the model, and goes on from there when it has been stopped. Then each size is measured in processes
of its own. What comes out: a table, DIR/scale.json and DIR/scale.svg.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from statistics import median

from rag.ingest.pipeline import ingest
from rag.settings import ROOT
from tests.benchmarks.scale.archive import Line, archive, articles_of
from tests.benchmarks.scale.measure import FILTERED, Measured, opened
from tests.benchmarks.scale.plot import plot

AT_ONCE = 100  # articles in a file
QUESTIONS = 200
STARTS = 3
UNHEARD = "Quonzibar"  # a name that no archive has


# What the table shows, and how it is found in what was measured.
ROWS: dict[str, Callable[[Measured], float]] = {
    "articles": lambda each: each["ask"]["counts"]["articles"],
    "outlets": lambda each: each["ask"]["counts"]["outlets"],
    "different words": lambda each: each["ask"]["counts"]["forms"],
    "a question, p50 (ms)": lambda each: each["ask"]["milliseconds"]["everything"]["p50"],
    "a question, p95 (ms)": lambda each: each["ask"]["milliseconds"]["everything"]["p95"],
    "… for the first time, p50 (ms)": lambda each: each["ask"]["first"]["everything"]["p50"],
    "… for the first time, p95 (ms)": lambda each: each["ask"]["first"]["everything"]["p95"],
    **{
        f"of {name}, p95 (ms)": lambda each, name=name: each["ask"]["milliseconds"][name]["p95"]  # type: ignore[misc]
        for name in FILTERED
    },
    "Chroma's bare query, p50 (ms)": lambda each: each["ask"]["milliseconds"]["bare"]["p50"],
    "Chroma's bare query, p95 (ms)": lambda each: each["ask"]["milliseconds"]["bare"]["p95"],
    "memory at rest (MB)": lambda each: each["ask"]["rss"] - each["ask"]["files"],
    "Chroma's alone (MB)": lambda each: each["bare"]["rss"] - each["bare"]["files"],
    "start to open store (s)": lambda each: each["start"]["open"],
    "start to first passages (s)": lambda each: each["start"]["first"],
    "adding one article (s)": lambda each: each["adding"]["adding"],
    "of which at work (s)": lambda each: each["adding"]["worked"],
    "until another process finds it (s)": lambda each: each["adding"]["seen"],
    "removing one article (s)": lambda each: each["adding"]["removing"],
    "building, 1,000 passages at the end (s)": lambda each: each["building"].get("last", math.nan),
    "disk: Chroma (MB)": lambda each: each["disk"]["Chroma"],
    "disk: word pieces (MB)": lambda each: each["disk"]["word pieces"],
    "disk: vectors (MB)": lambda each: each["disk"]["vectors"],
    "disk: words (MB)": lambda each: each["disk"]["words"],
    "disk: texts and counts (MB)": lambda each: each["disk"]["texts and counts"],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("articles", type=Path, help="a file or folder of articles")
    parser.add_argument(
        "--data", type=Path, required=True, help="where to build the stores; 500,000 passages take 20 GB"
    )
    parser.add_argument("--passages", type=int, nargs="+", default=[5_000, 50_000, 500_000])
    parser.add_argument("--questions", type=Path, help="JSON Lines with `question`; else they are made of the articles")
    parser.add_argument("--build-only", action="store_true")
    chosen = parser.parse_args()
    report = chosen.data / "scale.json"
    known = json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}
    for size in chosen.passages:
        folder = chosen.data / str(size)
        before = known.get(str(size), {})
        known[str(size)] = before | {"building": build(chosen.articles, size, folder) or before.get("building", {})}
        if not chosen.build_only:
            known[str(size)] |= measured(folder, questions(folder, chosen.questions))
        report.write_text(json.dumps(known, indent=1), encoding="utf-8")
    if not chosen.build_only:
        sizes = {int(size): known[size] for size in sorted(known, key=int) if "ask" in known[size]}
        print(table(sizes))
        (chosen.data / "scale.svg").write_text(plot(sizes), encoding="utf-8")


def build(articles: Path, size: int, folder: Path) -> Measured:
    """Fill a store until it holds so many passages, and tell how long each thousand took, from first to last."""
    files = folder / "articles"
    files.mkdir(parents=True, exist_ok=True)
    lines, paces = archive(articles_of(articles)), []
    with opened(folder) as store:
        for number in range(sys.maxsize):
            held = store.count()
            if held >= size:
                break
            part, written = files / f"{number:05}.jsonl", list(islice(lines, AT_ONCE))
            if not part.exists():
                part.write_text("".join(f"{json.dumps(line)}\n" for line in written), encoding="utf-8")
            begun = time.perf_counter()
            ingest([str(part)], store)
            if (added := store.count() - held) > 0:
                paces.append(1000 * (time.perf_counter() - begun) / added)
                print(f"{store.count()} passages, {paces[-1]:.2f} s a thousand", file=sys.stderr, flush=True)
    tenth = max(len(paces) // 10, 1)
    return {"first": median(paces[:tenth]), "last": median(paces[-tenth:])} if paces else {}


def questions(folder: Path, given: Path | None) -> list[str]:
    """Read questions, or make them of the words of some articles in the store."""
    if given:
        asked = [json.loads(line)["question"] for line in given.read_text(encoding="utf-8").splitlines()]
        return asked[:QUESTIONS]
    chance = random.Random(0)
    files = sorted((folder / "articles").iterdir())
    return [made(line, chance) for line in map(some_article, chance.choices(files, k=QUESTIONS), [chance] * QUESTIONS)]


def some_article(file: Path, chance: random.Random) -> Line:
    line: Line = json.loads(chance.choice(file.read_text(encoding="utf-8").splitlines()))
    return line


def made(line: Line, chance: random.Random) -> str:
    """Ask for one of an article's sentences by its longer words."""
    sentences = [sentence for sentence in re.split(r"(?<=[.?!])\s+", line["body"]) if len(sentence) > 60]
    told = [word for word in re.findall(r"[\w-]+", chance.choice(sentences or [line["body"]])) if len(word) > 3][:8]
    return f"What does {line['publisher']} report about {' '.join(told)}?"


def measured(folder: Path, asked: Sequence[str]) -> Measured:
    """Measure a store, each thing in a process of its own."""
    file = folder / "questions.json"
    file.write_text(json.dumps(asked), encoding="utf-8")
    starts = [run("start", folder, str(time.monotonic()), question) for question in asked[:STARTS]]
    starting = {name: median(each[name] for each in starts) for name in ("open", "first")}
    return {
        "start": starting,
        "ask": run("ask", folder, str(file)),
        "bare": run("bare", folder, str(file)),
        "adding": adding(folder),
        "disk": disk(folder),
    }


def adding(folder: Path) -> Measured:
    """Add an article while another process waits for it, and take it out again: seconds."""
    article = folder / f"{UNHEARD}.txt"
    article.write_text(f"{UNHEARD} opens\n\n{UNHEARD} is a town on the coast.\n" * 3, encoding="utf-8")
    with started("see", folder, UNHEARD) as seeing, started("add", folder, str(article)) as writing:
        for process in (seeing, writing):
            next(lines(process))
        say(writing)
        next(lines(writing))
        seen = json.loads(next(lines(seeing)))
        say(writing)
        added = json.loads(next(lines(writing)))
    return {
        "adding": added["at"] - added["begun"],
        "seen": seen["at"] - added["begun"],
        "worked": added["worked"],
        "removing": added["removing"],
    }


def started(role: str, folder: Path, *rest: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.benchmarks.scale.measure", role, str(folder), *rest]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def run(role: str, folder: Path, *rest: str) -> Measured:
    with started(role, folder, *rest) as process:
        found: Measured = json.loads(next(lines(process)))
    return found


def lines(process: subprocess.Popen[str]) -> Iterator[str]:
    """Yield what a process prints, and stop when it fails."""
    if process.stdout:
        yield from iter(process.stdout.readline, "")
    raise SystemExit("A process that measures has failed.")


def say(process: subprocess.Popen[str]) -> None:
    if process.stdin:
        process.stdin.write("\n")
        process.stdin.flush()


def disk(folder: Path) -> dict[str, float]:
    """Tell what a store takes on the disk by part, in MB."""
    parts = {"chroma": folder / "chroma", "catalogue": folder / "catalogue"}
    taken = {
        name: sum(file.stat().st_size for file in part.rglob("*") if file.is_file()) for name, part in parts.items()
    }
    words = sum(file.stat().st_size for file in parts["catalogue"].glob("words*/*"))
    with closing(sqlite3.connect(parts["catalogue"] / "catalogue.sqlite")) as connection:
        tables = dict(connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"))
    pieces, vectors = tables.get("pieces", 0), tables.get("vectors", 0)
    rest = taken["catalogue"] - words - pieces - vectors
    found = {
        "Chroma": taken["chroma"],
        "word pieces": pieces,
        "vectors": vectors,
        "words": words,
        "texts and counts": rest,
    }
    return {name: size / 1e6 for name, size in found.items()}


def table(sizes: Mapping[int, Measured]) -> str:
    """Write what was measured as a table of Markdown, with ratios of each size to the smallest."""
    rows = {name: [value(each) for each in sizes.values()] for name, value in ROWS.items()}
    heads = ["", *(f"{each['ask']['counts']['passages']:,} passages" for each in sizes.values()), "last to first"]
    body = [
        [name, *(f"{value:,.4g}" for value in values), f"{values[-1] / values[0]:.2f}"] for name, values in rows.items()
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---", *["---:"] * (len(heads) - 1)], *body))


if __name__ == "__main__":
    main()

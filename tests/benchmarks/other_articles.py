"""Write the articles that `other-*.jsonl` ask about: `python -m tests.benchmarks.other_articles BENCH_DIR FOLDER`.

They are twelve of the benchmark MultiHop-RAG's (Tang & Yang 2024), on three subjects.
`other-articles.txt` has the first words of their titles.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

WORDS = 6  # tell the articles apart
WANTED = Path(__file__).parent / "questions" / "other-articles.txt"


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    bench, folder = map(Path, sys.argv[1:])
    with gzip.open(bench / "multihop-rag" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        by_title = {" ".join(json.loads(line)["title"].split()[:WORDS]): line for line in lines}
    titles = WANTED.read_text(encoding="utf-8").splitlines()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "articles.jsonl").write_text("".join(by_title[title] for title in titles), encoding="utf-8")


if __name__ == "__main__":
    main()

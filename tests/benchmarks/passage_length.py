"""Measure answers from passages of another length: `python -m tests.benchmarks.passage_length CHARACTERS OPTION…`.

The options are those of `dateline evaluate`; with `--articles` the passages are cut anew.
"""

from __future__ import annotations

import sys

from rag import cli
from rag.ingest import passages

if __name__ == "__main__":
    passages.LIMIT = int(sys.argv[1])
    sys.exit(cli.main(["evaluate", *sys.argv[2:]]))

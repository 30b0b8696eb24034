"""Settings, a store and files of questions in, a run and its report out: what the command line and Discord share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from rag.answer.decision import THRESHOLD
from rag.answer.engine import PASSAGES, Engine, open_engine
from rag.errors import EmptyStoreError, UsageError
from rag.evaluation.cases import Case, check_support, digest, read_cases
from rag.evaluation.report import COMPARED, FORMAT, compared, report
from rag.evaluation.run import Asker, Run
from rag.ingest.passages import LIMIT
from rag.records import Record
from rag.retrieve.retriever import Retriever
from rag.settings import Settings
from rag.store.store import Store
from rag.versions import versions


@dataclass(frozen=True, slots=True)
class Subject:
    """What is evaluated: questions, the articles they are asked of, and what answers."""

    files: tuple[str, ...]
    cases: tuple[Case, ...]
    texts: Mapping[str, str]
    corpus: str  # a hash of every article
    passages: int
    asker: Asker
    settings: Settings


def subject(files: Sequence[Path], store: Store, settings: Settings) -> Subject:
    """Read what is to be evaluated.

    Raises UsageError for questions that make no sense or rest on what the articles do not say, EmptyStoreError without
    articles.
    """
    cases = read_cases(files)
    if not cases:
        raise UsageError("There are no questions in the file. `dateline evaluate --draft 20` proposes some.")
    articles = {source.document: store.article(source.document) for source, _ in store.sources()}
    if not articles:
        raise EmptyStoreError("No articles yet. Run `dateline ingest` first.")
    texts = {document: article.text for document, article in articles.items()}
    check_support(cases, texts)
    revisions = "\n".join(f"{document} {article.revision}" for document, article in sorted(articles.items()))
    return Subject(
        files=tuple(file.name for file in files),
        cases=tuple(cases),
        texts=texts,
        corpus=hashlib.sha256(revisions.encode("utf-8", "backslashreplace")).hexdigest()[:16],
        passages=sum(passages for _, passages in store.sources()),
        asker=asker(settings, store),
        settings=settings,
    )


def asker(settings: Settings, store: Store) -> Asker:
    """Open what answers; without a model also what would be answered if nothing was ever withheld."""
    daring = None if settings.has_model else Engine(Retriever(store), threshold=0.0)
    return Asker(open_engine(settings, store), daring, settings.has_model)


def full_report(of: Subject, run: Run, when: datetime, seconds: float, baseline: Record | None = None) -> Record:
    """Report on a run, whole or not, and compare it with an earlier report. `when` is aware."""
    threshold = None if of.settings.has_model else THRESHOLD
    made = {"run": header(of, run, when, seconds), **report(run.in_order(), of.texts, threshold)}
    return made | {"baseline": compared(made, baseline) if baseline else None}


def header(of: Subject, run: Run, when: datetime, seconds: float) -> Record:
    """Say what was evaluated, and how far."""
    made_with = versions(of.settings, of.corpus)
    return {
        "when": when.isoformat(timespec="seconds"),
        "seconds": round(seconds, 2),
        "complete": not run.stopped and len(run.outcomes) == len(of.cases),
        "asked": len(run.outcomes),
        "stopped": run.stopped or None,
        "versions": {name: version for name, version in made_with.items() if name != "store"},
        "corpus": {"digest": of.corpus, "articles": len(of.texts), "passages": of.passages},
        "questions": {"files": list(of.files), "digest": digest(of.cases), "cases": len(of.cases)},
        "settings": {"passages_retrieved": PASSAGES, "passage_limit": LIMIT, "threshold": THRESHOLD},
    }


def is_report(record: object) -> bool:
    """Tell whether a JSON value is a report that this version can compare with."""
    if not isinstance(record, dict) or record.get("format") != FORMAT or not isinstance(record.get("run"), dict):
        return False
    cases = record.get("cases")
    return isinstance(cases, list) and all(isinstance(case, dict) and case.keys() >= COMPARED for case in cases)

"""Settings and a store's version in, the versions of everything that shapes an answer out, for records."""

from __future__ import annotations

import hashlib
from functools import cache

from rag import __version__
from rag.answer.prompts import Prompt
from rag.schema import Mode
from rag.settings import ROOT, Settings

REWRITING, RERANKING = "rewrite.md", "rerank.md"
ANSWERING = ("answer.md", "question.md", "repair.md")  # the others judge answers, propose questions or word timelines


def versions(settings: Settings, store_version: str) -> dict[str, str]:
    """Name the versions of Dateline and its code, of what reads and answers, and of the articles (`Store.version()`).

    The model and the prompts' digests, `prompts/answer.md` and so on, are there only if a model words the answers.
    """
    mode = Mode.OPENAI if settings.has_model else Mode.EXTRACTIVE
    shared = {
        "dateline": __version__,
        "code": code_digest(),
        "mode": mode.value,
        "embedding_model": settings.embedding_model,
        "store": store_version,
    }
    return shared | ({"model": settings.openai_model, **prompt_digests(settings)} if settings.has_model else {})


@cache
def code_digest() -> str:
    """Identify the code that answers, which changes more often than its version does."""
    files = sorted((ROOT / "rag").rglob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]


def prompt_digests(settings: Settings) -> dict[str, str]:
    """Identify the wording of each prompt that shapes an answer."""
    searching = [REWRITING] * settings.rewrites + [RERANKING] * settings.reranks
    files = [ROOT / "prompts" / name for name in (*ANSWERING, *searching)]
    return {f"prompts/{file.name}": Prompt(file.name, file.read_text(encoding="utf-8")).digest for file in files}

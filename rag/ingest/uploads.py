"""Articles handed in one by one in, kept as files beside the store, where an ingestion of folders finds them again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from rag.errors import UsageError
from rag.ingest import pipeline
from rag.ingest.pipeline import Progress, Report, ingest, is_address
from rag.settings import Settings

NAME_LIMIT = 100  # characters
UNNAMED = "article"


class Store(pipeline.Store, Protocol):
    """Where the articles go, and whether some from a file of that name are there."""

    def holds(self, name: str) -> bool: ...


def with_uploads(paths: Sequence[str], settings: Settings) -> list[str]:
    """Add the folder of uploads where folders are ingested, which are the whole truth: uploads are part of it."""
    folder = _folder(settings)
    return [*paths, str(folder)] if folder.is_dir() and any(Path(path).is_dir() for path in paths) else [*paths]


def add(
    files: Mapping[str, bytes], addresses: Sequence[str], store: Store, settings: Settings, progress: Progress
) -> Report:
    """Ingest files, given by name with their content, and web addresses. Replaces earlier uploads of the same names.

    What cannot be read is not kept, and an earlier file in its place is. Raises UsageError for a name that an article
    from elsewhere has.
    """
    uploads = {_upload(name, store, settings): content for name, content in files.items()}
    earlier = {file: file.read_bytes() for file in uploads if file.exists()}
    for file, content in uploads.items():
        _write(file, content)
    report = ingest([*map(str, uploads), *addresses], store, progress)
    unread = {failure.path for failure in report.failed}
    for file in uploads:
        if str(file) in unread or not store.holds(file.name):
            _restore(file, earlier.get(file))
    return report


def remove(document: str, store: Store, settings: Settings) -> bool:
    """Take an article out of the store, and tell whether its file will bring it back. Raises UsageError.

    An upload that holds no other article is moved aside.
    """
    provenance = pipeline.remove(document, store)
    file = Path(provenance.file)
    if file.parent == _folder(settings) and not store.holds(file.name):
        removed = settings.data / "removed"
        removed.mkdir(exist_ok=True)
        file.replace(removed / file.name)
        return False
    return not is_address(provenance.file)


def _folder(settings: Settings) -> Path:
    return settings.data / "uploads"


def _upload(name: str, store: Store, settings: Settings) -> Path:
    file = _folder(settings) / file_name(name)
    if store.holds(file.name) and not file.exists():
        raise UsageError(f"There is an article {file.name} in the team's folder. Change it there, or rename the file.")
    return file


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f".{file.name}.partial")  # hidden files are not ingested
    partial.write_bytes(content)
    partial.replace(file)


def _restore(file: Path, content: bytes | None) -> None:
    """Put back what a file held before, or take it away if it was not there."""
    if content is None:
        file.unlink()
    else:
        _write(file, content)


def file_name(name: str) -> str:
    """Make a name that any file system takes, with the suffix that says what the file is."""
    plain = re.sub(r"[^\w.-]+", "-", name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]).strip("-.") or UNNAMED
    return plain[-NAME_LIMIT:].lstrip("-.")

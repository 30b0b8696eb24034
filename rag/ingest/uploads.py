"""Articles handed in one by one: kept as files beside the store, where an ingestion of folders finds them again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from rag.settings import Settings

NAME_LIMIT = 100  # characters
UNNAMED = "article"


def uploads_folder(settings: Settings) -> Path:
    """Name the folder, which need not exist."""
    return settings.data / "uploads"


def with_uploads(paths: Sequence[str], settings: Settings) -> list[str]:
    """Add the folder of uploads where folders are ingested, which are the whole truth: uploads are part of it."""
    uploads = uploads_folder(settings)
    return [*paths, str(uploads)] if uploads.is_dir() and any(Path(path).is_dir() for path in paths) else [*paths]


def upload(name: str, content: bytes, settings: Settings) -> Path:
    """Keep a file under its name, without what could lead out of the folder. Replaces one of the same name."""
    folder = uploads_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / file_name(name)
    partial = file.with_name(f".{file.name}.partial")  # hidden files are not ingested
    partial.write_bytes(content)
    return partial.replace(file)


def file_name(name: str) -> str:
    """Make a name that any file system takes, with the suffix that says what the file is."""
    plain = re.sub(r"[^\w.-]+", "-", name.rsplit("/", 1)[-1].rsplit("\\", 1)[-1]).strip("-.") or UNNAMED
    return plain[-NAME_LIMIT:].lstrip("-.")


def set_aside(file: Path, settings: Settings) -> bool:
    """Move an upload to where it is not ingested any more. Tell whether the file was one."""
    folder = uploads_folder(settings)
    if file.parent != folder or not file.is_file():
        return False
    removed = settings.data / "removed"
    removed.mkdir(exist_ok=True)
    file.replace(removed / file.name)
    return True

"""A file of prompts/ in, a template with known variables out: a slip in a prompt shows when it is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from string import Template

from rag.errors import SettingsError
from rag.settings import ROOT


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt with `$name` variables. `digest` identifies its wording in records."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def fill(self, **values: str) -> str:
        """Put values in for the variables. Values are not read as templates, so `$` in them is just a character."""
        return Template(self.text).substitute(values)


def load_prompt(name: str, variables: Collection[str], folder: Path = ROOT / "prompts") -> Prompt:
    """Read `name` from the folder. Raises SettingsError unless it uses exactly these variables."""
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"The prompt {path} cannot be read. Restore it from the repository.") from None
    template = Template(text)
    if not template.is_valid():
        raise SettingsError(f"The prompt {path} has a stray `$`. Write `$$` for a dollar sign.")
    found = set(template.get_identifiers())
    if missing := sorted(set(variables) - found):
        raise SettingsError(f"The prompt {path} does not use ${missing[0]}. Put it back in.")
    if unknown := sorted(found - set(variables)):
        raise SettingsError(f"The prompt {path} uses ${unknown[0]}, which nothing fills in. Take it out.")
    return Prompt(name, text)

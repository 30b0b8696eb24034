"""Settings for measuring: a store of its own and no model, whatever the environment says."""

from __future__ import annotations

import os
from pathlib import Path

from rag.settings import Settings


def settings(data: Path) -> Settings:
    """Choose a folder for the store, and no model."""
    os.environ["OPENAI_API_KEY"] = ""
    return Settings().model_copy(update={"data": data})  # type: ignore[call-arg]

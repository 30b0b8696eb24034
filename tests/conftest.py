"""What tests of several rooms share: settings nobody else's environment decides, and a store with a few articles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.ingest.pipeline import ingest
from rag.settings import Settings, settings
from tests.gazette import open_gazette, write_articles


@pytest.fixture(scope="session", autouse=True)
def _settings_of_nobody() -> Iterator[None]:
    """Keep a developer's `.env` and environment out of the tests: a key there would have them ask a real server."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Settings.model_config, "env_file", None)
        for name, field in Settings.model_fields.items():
            if name != "cache":  # where the model's graph is kept decides nothing but how long the first test takes
                patch.delenv(str(field.alias), raising=False)
        settings.cache_clear()
        yield
        settings.cache_clear()


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that holds the articles of `tests.gazette`; not to be written to."""
    folder = tmp_path_factory.mktemp("gazette")
    with open_gazette(folder / "store") as store:
        report = ingest([str(write_articles(folder / "articles"))], store)
    assert report.failed == ()
    return folder / "store"

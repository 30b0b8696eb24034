"""What tests of several rooms share: settings nobody else's environment decides, and a store with a few articles."""

from __future__ import annotations

import gc
import io
import sys
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import hypothesis
import pytest

from rag.cli import main
from rag.ingest.pipeline import ingest
from rag.settings import Settings, settings
from rag.store.embeddings import Embedder, MiniLM, embedder
from tests.commands import Change, Ran, Run
from tests.gazette import open_gazette, write_articles

hypothesis.settings.register_profile("patient", deadline=None)  # on a busy machine an example takes its time
hypothesis.settings.load_profile("patient")


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


@pytest.fixture(scope="session", autouse=True)
def _one_model(_settings_of_nobody: None) -> Iterator[None]:
    """Load the embedding model once: every command opens a store of its own, and would load it anew."""
    loaded = lru_cache(MiniLM)

    def chosen(settings: Settings) -> Embedder:
        made = embedder(settings)
        return loaded(settings.cache) if isinstance(made, MiniLM) else made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.store.store.embedder", chosen)
        yield


@pytest.fixture(scope="module", autouse=True)
def _little_to_collect() -> None:
    """Keep the collector from what stays: a store that opens or closes has it look at every object there is."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def gazette(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store that holds the articles of `tests.gazette`; not to be written to."""
    folder = tmp_path_factory.mktemp("gazette")
    with open_gazette(folder / "store") as store:
        report = ingest([str(write_articles(folder / "articles"))], store)
    assert report.failed == ()
    return folder / "store"


@pytest.fixture
def dateline(gazette: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on the store of the gazette, or on the one that `data` names."""

    def run(*arguments: str, typed: str = "", data: Path = gazette) -> Ran:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        at = ("--data", str(data)) if arguments and not arguments[0].startswith("-") else ()
        try:
            status = main([*arguments, *at])
        except SystemExit as exit_:
            status = int(exit_.code or 0)
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    """Set environment variables that the settings are read from."""

    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield change
    settings.cache_clear()

"""Settings come from the environment, and nothing that is wrong with one gives another one away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import ROOT, Settings, settings

KEY = "sk-secret-0123456789abcdef"


@pytest.fixture(autouse=True)
def _read_anew() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_nothing_needs_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/of-somebody")
    chosen = settings()
    assert (chosen.data, chosen.cache) == (ROOT / ".dateline", Path("/var/cache/of-somebody/dateline"))
    assert (chosen.embedding_model, chosen.chroma_url, chosen.has_model) == ("all-MiniLM-L6-v2", "", False)


@pytest.mark.parametrize(
    ("search", "rewrites", "reranks"),
    [("rules", False, False), ("rewrite", True, False), ("rerank", False, True), ("both", True, True)],
)
def test_a_model_helps_to_search_if_asked_to(
    monkeypatch: pytest.MonkeyPatch, search: str, rewrites: bool, reranks: bool
) -> None:
    assert settings().search == "rules"
    settings.cache_clear()
    monkeypatch.setenv("DATELINE_SEARCH", search)
    assert (settings().rewrites, settings().reranks) == (rewrites, reranks)


def test_settings_are_read_from_the_environment_and_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"OPENAI_API_KEY={KEY}\nOPENAI_MODEL=small\nOPENAI_TIMEOUT=5\nUNKNOWN=1\n")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    monkeypatch.setenv("OPENAI_MODEL", "large")
    monkeypatch.setenv("OPENAI_TIMEOUT", "")  # as good as not set
    chosen = settings()
    assert chosen.openai_api_key.get_secret_value() == KEY
    assert (chosen.has_model, chosen.openai_model, chosen.openai_timeout) == (True, "large", 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPENAI_TIMEOUT", "soon-1234"),
        ("OPENAI_TIMEOUT", "0"),
        ("OPENAI_TIMEOUT", "nan"),
        ("OPENAI_INPUT_PRICE", "-5.25"),
        ("OPENAI_OUTPUT_PRICE", f"{KEY}"),
        ("DATELINE_SEARCH", "rewriting"),
    ],
)
def test_what_makes_no_sense_is_named_in_one_line_without_any_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        settings()
    message = str(caught.value)
    assert message.startswith(f"{name}: ")
    assert message.endswith("Correct it in .env or the environment.")
    assert "\n" not in message
    assert KEY not in message
    assert len(value) < 2 or value not in message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_the_key_is_in_no_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    chosen = settings()
    for text in (repr(chosen), str(chosen), chosen.model_dump_json(), repr(chosen.model_dump())):
        assert KEY not in text

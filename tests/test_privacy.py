"""Nothing is kept but where the settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands import start
from tests.gazette import write_articles


def test_commands_leave_nothing_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries that report how they are used keep it there until they can send it."""
    home, data, cache = (tmp_path / name for name in ("home", "store", "cache"))
    home.mkdir()
    for name in ("ORT_DISABLE_TELEMETRY", "CI"):  # the first is in the tests' own process by now; with CI none reports
        monkeypatch.delenv(name, raising=False)
    for name, value in (("HOME", home), ("DATELINE_DATA", data), ("DATELINE_CACHE", cache)):
        monkeypatch.setenv(name, str(value))
    for arguments in (("ingest", str(write_articles(tmp_path / "articles"))), ("ask", "Who closed the ferry line?")):
        running = start(*arguments, OPENAI_BASE_URL="")
        _, problems = running.communicate(timeout=120)
        assert running.returncode == 0, problems
    assert any(data.iterdir())
    assert any(cache.iterdir())
    assert list(home.rglob("*")) == []

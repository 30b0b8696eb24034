"""Prompts are checked when they are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answer.prompts import load_prompt
from rag.errors import SettingsError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greeting.md").write_text("Say $word to $name, for $$5.\n", encoding="utf-8")
    return tmp_path


def test_a_prompt_takes_values_as_they_are(folder: Path) -> None:
    prompt = load_prompt("greeting.md", {"word", "name"}, folder)
    assert prompt.fill(word="$name", name="${word} $$") == "Say $name to ${word} $$, for $5.\n"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [({"word"}, r"uses \$name"), ({"word", "name", "day"}, r"does not use \$day")],
)
def test_a_prompt_with_other_variables_is_refused_in_one_line(folder: Path, variables: set[str], problem: str) -> None:
    with pytest.raises(SettingsError, match=problem) as caught:
        load_prompt("greeting.md", variables, folder)
    assert "\n" not in str(caught.value)


def test_a_stray_dollar_is_refused(folder: Path) -> None:
    (folder / "greeting.md").write_text("$word costs $ 5", encoding="utf-8")
    with pytest.raises(SettingsError, match="stray"):
        load_prompt("greeting.md", {"word"}, folder)


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_prompt_that_cannot_be_read_is_named(folder: Path, content: bytes | None) -> None:
    if content is not None:
        (folder / "broken.md").write_bytes(content)
    with pytest.raises(SettingsError, match=r"broken\.md"):
        load_prompt("broken.md", set(), folder)


def test_a_changed_wording_has_another_digest(folder: Path) -> None:
    before = load_prompt("greeting.md", {"word", "name"}, folder)
    (folder / "greeting.md").write_text("Say $word to $name!", encoding="utf-8")
    after = load_prompt("greeting.md", {"word", "name"}, folder)
    assert before.digest != after.digest
    assert before.digest == type(before)(before.name, before.text).digest


def test_the_prompts_of_the_project_load() -> None:
    assert "Today is Monday." in load_prompt("answer.md", {"today"}).fill(today="Monday")
    load_prompt("question.md", {"conversation", "passages", "question"})
    for name in ("rewrite.md", "rerank.md"):
        assert "Today is Monday." in load_prompt(name, {"today"}).fill(today="Monday")

"""The versions that feedback and evaluations record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import rag
from rag import versions as versions_module
from rag.settings import Settings
from rag.versions import versions

NAMES = ("answer.md", "question.md", "repair.md")


def settings(**chosen: str) -> Settings:
    return Settings.model_validate({"openai_model": "clever-1", "openai_base_url": "http://127.0.0.1:1/v1"} | chosen)


def test_without_a_model_no_prompt_shapes_an_answer() -> None:
    found = versions(Settings.model_validate({}), "7f3a")
    assert re.fullmatch("[0-9a-f]{12}", found.pop("code"))
    assert found == {
        "dateline": rag.__version__, "mode": "extractive", "embedding_model": "all-MiniLM-L6-v2", "store": "7f3a"
    }  # fmt: skip


def test_with_a_model_it_and_the_prompts_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "prompts").mkdir()
    answer, question, repair = (tmp_path / "prompts" / name for name in NAMES)
    answer.write_text("Say what the articles say.")
    question.write_text("$question")
    repair.write_text("$rejected")
    monkeypatch.setattr(versions_module, "ROOT", tmp_path)
    before = versions(settings(), "7f3a")
    prompts = {f"prompts/{name}" for name in NAMES}
    assert before.keys() == {"dateline", "code", "mode", "embedding_model", "store", "model"} | prompts
    assert (before["mode"], before["model"]) == ("openai", "clever-1")
    answer.write_text("Say only what the articles say.")
    after = versions(settings(), "7f3a")
    assert {name for name in after if after[name] != before[name]} == {"prompts/answer.md"}


@pytest.mark.parametrize(
    ("search", "more"),
    [("rewrite", ["rewrite.md"]), ("rerank", ["rerank.md"]), ("both", ["rewrite.md", "rerank.md"])],
)
def test_prompts_of_a_search_with_the_model_are_named(search: str, more: list[str]) -> None:
    found = versions(settings(search=search), "7f3a")
    assert {name for name in found if "/" in name} == {f"prompts/{name}" for name in (*NAMES, *more)}


def test_prompts_that_shape_no_answer_are_not_named() -> None:
    assert {name for name in versions(settings(), "") if "/" in name} == {f"prompts/{name}" for name in NAMES}

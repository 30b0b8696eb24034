"""NoMIRACL is scored as its rules say, on invented passages; a model's own abstentions count if there is one."""

from __future__ import annotations

from pathlib import Path

import openai  # noqa: F401  # its import takes a second, which is not to count against the deadline
import pytest
from pydantic import SecretStr

from rag.evaluation.benchmarks import run_benchmark
from rag.evaluation.benchmarks.nomiracl import figures
from rag.records import Record
from rag.settings import Settings
from tests.evaluation.benchmarks.samples import run, values, write_lines
from tests.openai_server import OpenAIServer, refused, streamed

PASSAGES = ["Tarn: The windmill of Tarn burned down in 1921.", "Tarn: Rye bread is baked there with salt and patience."]
QUESTIONS = [
    {"question": "When did the windmill of Tarn burn down?", "answerable": True, "passages": PASSAGES},
    {"question": "Who won the chess olympiad in Havana?", "answerable": False, "passages": PASSAGES},
    {"question": "When did the windmill burn down in Tarn?", "answerable": True, "passages": PASSAGES},
]


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    write_lines(tmp_path / "nomiracl" / "dev.jsonl", QUESTIONS)
    return tmp_path


def test_a_run_without_a_model_reports_other_thresholds_too(bench: Path, tmp_path: Path) -> None:
    report = run("nomiracl", bench, tmp_path / "data")
    assert report["failed"] == 0
    assert {name: n for name, (_, n) in values(report).items()} == {
        "hallucination": 1,
        "error": 2,
        "hallucination_at_0.048": 1,
        "hallucination_at_0.1": 1,
        "hallucination_at_0.25": 1,
        "hallucination_at_0.588": 1,
        "equal_hallucination": 1,
        "equal_error": 2,
    }


async def test_a_model_decides_itself(bench: Path, tmp_path: Path) -> None:
    async with OpenAIServer(streamed('{"unanswered": "all of it"}\n{"end": true}')) as server:
        report = await run_benchmark("nomiracl", bench, asking(server, tmp_path / "data"))
    assert (report["failed"], report["versions"]["model"]) == (0, "loopback")
    assert values(report) == {"hallucination": (0, 1), "error": (1, 2)}


async def test_a_dead_model_server_stops_the_run(bench: Path, tmp_path: Path) -> None:
    async with OpenAIServer(refused(401, "no such key")) as server:
        report = await run_benchmark("nomiracl", bench, asking(server, tmp_path / "data"))
    assert (report["asked"], report["failed"], report["figures"]) == (0, 3, [])
    assert report["stopped"].startswith("The model failed 3 times in a row. ")


def asking(server: OpenAIServer, data: Path) -> Settings:
    return Settings.model_construct(
        data=data, openai_api_key=SecretStr("sk-loopback-0123"), openai_base_url=server.url, openai_model="loopback"
    )


def test_hallucination_and_error_are_of_different_questions() -> None:
    def outcome(answerable: bool, confidence: float) -> Record:
        return {"answerable": answerable, "abstained": confidence < 0.5, "confidence": confidence}

    answerable = [outcome(True, confidence) for confidence in (0.4, 0.6, 0.7, 0.9)]
    others = [outcome(False, confidence) for confidence in (0.3, 0.65, 0.8, 0.2)]
    found = {figure.name: (figure.label[-26:-1], list(figure.values)) for figure in figures(answerable + others)}
    assert {name: values for name, (_, values) in found.items()} == {
        "hallucination": [0, 1, 1, 0],
        "error": [1, 0, 0, 0],
        "hallucination_at_0.048": [0, 1, 1, 0],
        "hallucination_at_0.1": [0, 1, 1, 0],
        "hallucination_at_0.25": [0, 1, 1, 0],
        "hallucination_at_0.588": [0, 0, 1, 0],
        "equal_hallucination": [0, 1, 1, 0],
        "equal_error": [1, 1, 0, 0],
    }
    assert found["hallucination_at_0.588"][0].endswith("answering from 0.70 on")

"""bot/ knows rag/, whose imports point down one table; an outside package is known to few; nothing heavy is unasked."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.settings import ROOT

# A room, which is a module or a package of rag/, may import from the rows below its own and from itself.
ROWS = """
cli
scoreboard
terminal evaluation
watch explanation
feedback receipts timeline
records versions
answer
conflicts
retrieve
store
ingest
gate spending
facts language settings database
schema errors
""".split("\n")[1:-1]
HEIGHT = {room: -row for row, rooms in enumerate(ROWS) for room in rooms.split()}

# What the store needs of ingest is what goes into it; ingest talks to the store through protocols of its own.
KNOWN_OF_INGEST = {"rag.ingest.passages", "rag.ingest.prepared"}

ONLY_KNOWN_TO = {
    "argparse": "cli.options cli.parser",
    "rich": "scoreboard terminal",
    "chromadb": "store.chroma",
    "llama_index": "store.llama_index store.served_model",
    "jinja2": "evaluation.page",
    "openai": "answer.chat_model store.served_model",
    "onnxruntime": "store.embeddings store.minilm_graph",
    "tokenizers": "store.embeddings",
    "onnx": "store.minilm_graph",
    "trafilatura": "ingest.reader",
    "htmldate": "ingest.reader",
    "pypdf": "ingest.reader",
    "yaml": "ingest.reader",
    "gzip": "ingest.reader",
    "sentencex": "language.sentences",
    "Stemmer": "language.words",
    "PIL": "timeline.chart.lettering timeline.chart.painting",
    "rapidfuzz": "retrieve.spelling",
    "dateutil": "timeline.spans",
    "pydantic_settings": "settings",
    "tantivy": "store.catalogue store.words",
    "sqlite3": "database store.catalogue store.lock store.store store.tables",
    "discord": "",
    "bot": "",
}

BOT_MAY_KNOW = sys.stdlib_module_names | {"aiohttp", "bot", "discord", "rag", "tenacity"}


def modules(house: str) -> dict[str, ast.Module]:
    """Parse every module of rag/ or bot/: {"rag.store.index": …}."""
    files = {path.relative_to(ROOT).with_suffix(""): path for path in (ROOT / house).rglob("*.py")}
    return {".".join(name.parts).removesuffix(".__init__"): ast.parse(path.read_text()) for name, path in files.items()}


MODULES = modules("rag")
BOT = modules("bot")


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield what a module imports anywhere in it, types included: modules, and names as `module.name`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ("." * node.level + f"{node.module}.{alias.name}" for alias in node.names)


def room(module: str) -> str:
    return module.split(".")[1]


def arrows() -> Iterator[tuple[str, str]]:
    """Yield each import of one module of rag by another."""
    for module, tree in MODULES.items():
        for name in imported(tree):
            if name.startswith("rag.") and not name.startswith("rag.__"):
                yield module, name if name in MODULES else name.rpartition(".")[0]


def test_every_room_has_its_row() -> None:
    assert {room(module) for module in MODULES if "." in module} == HEIGHT.keys()


def test_imports_are_absolute() -> None:
    assert [(module, name) for module, tree in MODULES.items() for name in imported(tree) if name[0] == "."] == []


def test_imports_point_down() -> None:
    assert len(list(arrows())) > 100
    assert [
        f"{module} imports {name}"
        for module, name in arrows()
        if room(module) != room(name) and HEIGHT[room(module)] <= HEIGHT[room(name)]
    ] == []


def test_the_store_knows_no_more_of_ingest_than_what_goes_into_it() -> None:
    own = {"cli", "evaluation"}  # they fill stores
    known = {name for module, name in arrows() if room(module) not in own and room(name) == "ingest" != room(module)}
    assert known == KNOWN_OF_INGEST


@pytest.mark.parametrize("package", ONLY_KNOWN_TO)
def test_an_outside_package_is_known_to_few(package: str) -> None:
    knowing = {module for module, tree in MODULES.items() if package in {name.split(".")[0] for name in imported(tree)}}
    assert knowing == {f"rag.{module}" for module in ONLY_KNOWN_TO[package].split()}


def test_only_the_entry_point_reads_the_settings() -> None:
    reading = {module for module, tree in MODULES.items() if "rag.settings.settings" in imported(tree)}
    assert reading == {"rag.cli"}
    assert {module for module, tree in BOT.items() if "rag.settings.settings" in imported(tree)} <= {"bot.__main__"}


def test_the_bot_knows_rag_discord_and_little_else() -> None:
    known = {name.split(".")[0] for tree in BOT.values() for name in imported(tree)}
    assert known - BOT_MAY_KNOW == set()


@pytest.mark.parametrize("module", ["bot.memory", "bot.preferences"])
def test_what_the_bot_keeps_knows_nothing_of_the_rest_of_it(module: str) -> None:
    known = {name.split(".")[0] for name in imported(BOT[module])}
    assert "rag" in known
    assert known & {"bot", "discord"} == set()


SCRIPT = """
import json, sys
HEAVY = {"chromadb", "llama_index", "onnxruntime", "onnx", "openai", "numpy", "trafilatura", "discord"}
from rag import cli
at_first = sorted(HEAVY & sys.modules.keys())
from rag.settings import Settings
Settings.model_config["env_file"] = None
status = cli.main(["ask", "Who blamed an old heater?", "--json", "--data", sys.argv[1]])
print(json.dumps([status, at_first, sorted(HEAVY & sys.modules.keys())]))
"""


def test_nothing_heavy_is_imported_before_it_is_needed(gazette: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(gazette)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    status, at_first, after_an_answer = json.loads(ran.stdout.splitlines()[-1])
    assert (status, at_first) == (0, [])
    assert after_an_answer == ["chromadb", "numpy", "onnxruntime"]

# Every target does its own set-up. `make` alone lists them.
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
Q ?= what does the 2023 pact require?
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--override locks/overrides.txt

.PHONY: help setup ask chat bot ingest evaluate test lint format pictures lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

$(BIN)/dateline: locks/run.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Dateline needs Python 3.11 or newer; try `make PYTHON=python3.12 …`.")'
	@echo "Setting up .venv (about a minute, once) …" >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP_INSTALL) --requirement locks/run.txt
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: $(BIN)/dateline locks/dev.txt
	@$(PIP_INSTALL) --requirement locks/dev.txt
	@touch $@

setup: $(BIN)/dateline ## install everything Dateline needs to run into .venv

ask: setup ## answer a question: make ask Q="what does the 2023 pact require?"
	@$(BIN)/dateline ingest --quiet
	@$(BIN)/dateline ask "$$Q"
ask: export Q := $(Q)

chat: setup ## a conversation in the terminal
	@$(BIN)/dateline ingest --quiet
	@$(BIN)/dateline chat

bot: setup ## serve answers in Discord, with DISCORD_TOKEN from .env
	@$(BIN)/dateline ingest --quiet
	@$(BIN)/dateline bot

ingest: setup ## bring the store in line with seeds/articles
	@$(BIN)/dateline ingest

evaluate: setup ## score the answers to seeds/questions.jsonl; the report is evaluation.html
	@$(BIN)/dateline ingest --quiet
	@$(BIN)/dateline evaluate --html evaluation.html

lint: .venv/.dev ## ruff and mypy, as in CI
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: .venv/.dev ## let ruff fix and format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test: lint ## lint, then the whole test suite
	@$(BIN)/pytest

pictures: .venv/.dev ## draw docs/pictures anew, from real answers of the bot (needs chromium)
	@$(BIN)/python -m tests.pictures

lock: ## resolve the dependencies anew, with hashes and without hosts (needs uv)
	@$(COMPILE) pyproject.toml --group build --output-file locks/run.txt
	@$(COMPILE) --constraint locks/run.txt pyproject.toml --group dev --group build --output-file locks/dev.txt

clean: ## remove the environment and caches; the store in .dateline stays
	@rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

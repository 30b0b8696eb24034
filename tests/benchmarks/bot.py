"""Measure the bot on the loopback Discord server: `python -m tests.benchmarks.bot [ARTICLES] [QUESTIONS]`.

The start against importing what it is made of; a rush of a hundred people with two questions each against the same
questions in one batch; and memory, idle and after two thousand questions. Without a model.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rag.ingest.pipeline import ingest
from rag.settings import ROOT
from rag.store.store import open_store
from tests.benchmarks.alone import settings
from tests.benchmarks.latency import run, seconds
from tests.discord_server import BotProcess, Channel, DiscordServer, Person, Waited, ask_at_once, bot_process

PEOPLE = 100
ROUNDS = 10  # of two hundred questions each
STARTS = 5
QUESTIONS = Path(__file__).parent / "questions" / "pact-1.jsonl"


def main() -> None:
    articles = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "seeds" / "articles")
    questions = read(Path(sys.argv[2]) if len(sys.argv) > 2 else QUESTIONS, 2 * PEOPLE)
    with TemporaryDirectory() as folder:
        data = Path(folder)
        with open_store(settings(data)) as store:
            ingest([articles], store)
        batch = seconds_of_batch(questions, data)
        asyncio.run(measure(questions, data, batch))


def read(file: Path, number: int) -> list[str]:
    """Read so many questions from a file that may have fewer, in which case they come round again."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return list(islice(cycle(json.loads(line)["question"] for line in lines), number))


def seconds_of_batch(questions: Sequence[str], data: Path) -> float:
    """Time one batch of the command line, from the start of its process to the end."""
    file = data / "questions.jsonl"
    file.write_text("".join(json.dumps({"question": question}) + "\n" for question in questions), encoding="utf-8")
    ask = [sys.executable, "-m", "rag.cli", "ask", "--batch", str(file), "--json", "--data", str(data)]
    return seconds(lambda: subprocess.run(ask, check=True, stdout=subprocess.DEVNULL, cwd=ROOT))


async def measure(questions: Sequence[str], data: Path, batch: float) -> None:
    async with DiscordServer() as discord:
        newsroom = discord.guild("Newsroom")
        channel, people = newsroom.channel("general"), [newsroom.member(f"person {n}") for n in range(PEOPLE)]
        await measure_start(discord, data)
        async with bot_process(discord, data=data) as bot:
            await rush(people[:1], questions[:2], channel)  # the articles are open
            print(f"idle memory: {megabytes(bot)} MB")
            report_rush(await rush(people, questions, channel), batch)
            await measure_growth(bot, people, questions, channel)


async def measure_start(discord: DiscordServer, data: Path) -> None:
    """Time the start of the bot to READY against importing discord.py and chromadb."""
    imports = [sys.executable, "-c", "import discord, chromadb"]
    starts, importing = [], []
    for _ in range(STARTS):
        async with bot_process(discord, data=data) as bot:
            starts.append(bot.seconds_to_ready)
            await bot.stop()
        importing.append(await asyncio.to_thread(lambda: seconds(lambda: run(imports))))
    ratio = median(starts) / median(importing)
    print(f"start to READY: {median(starts):.2f} s, imports {median(importing):.2f} s, ratio {ratio:.2f}")


async def rush(people: Sequence[Person], questions: Sequence[str], channel: Channel) -> list[Waited]:
    """Have everybody ask two questions in the same moment."""
    asked = zip((person for person in people for _ in range(2)), questions, strict=True)
    return await ask_at_once(asked, channel, is_answer=lambda message: bool(message.buttons))


def report_rush(waited: Sequence[Waited], batch: float) -> None:
    acknowledged = sorted(one.acknowledged if one.acknowledged is not None else float("inf") for one in waited)
    answered = median(one.answered if one.answered is not None else float("inf") for one in waited)
    once = sum(one.answers == 1 and one.answered is not None for one in waited)
    print(f"acknowledged: p99 {acknowledged[int(0.99 * len(waited)) - 1]:.3f} s, at most {acknowledged[-1]:.3f} s")
    print(f"answered exactly once: {once} of {len(waited)}")
    print(
        f"median from command to answer: {answered:.2f} s; a question's median in the batch: {batch / 2:.2f} s, "
        f"ratio {answered / (batch / 2):.2f}"
    )


async def measure_growth(bot: BotProcess, people: Sequence[Person], questions: Sequence[str], channel: Channel) -> None:
    """Ask many more questions, and watch the memory after each two hundred."""
    memory = []
    for _ in range(ROUNDS):
        await rush(people, questions, channel)
        memory.append(megabytes(bot))
    print(f"memory after each {len(questions)} questions: {', '.join(map(str, memory))} MB")


def megabytes(bot: BotProcess) -> int:
    return round(bot.rss / 2**20)


if __name__ == "__main__":
    main()

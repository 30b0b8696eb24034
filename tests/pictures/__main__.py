"""`python -m tests.pictures [NAME…]`: has people use the shipped bot on the loopback Discord, and draws what it sends.

Each journey becomes a picture in `docs/pictures/`, as a phone shows it.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rag.ingest.pipeline import ingest
from rag.settings import ROOT
from rag.store.store import open_store
from tests.benchmarks.alone import settings
from tests.discord_server import Channel, DiscordServer, Message, Person, Upload, bot_process, payloads
from tests.pictures.chromium import NoChromiumError, chromium
from tests.pictures.components import Payload
from tests.pictures.page import page

FOLDER = ROOT / "docs" / "pictures"
PHONE = 400  # CSS pixels
SENT = "2025-06-01T09:41:00+00:00"  # so that a picture changes with what it shows only
PROVISIONS = "What does the 2023 pact require?"
RUMOUR = (
    "Iran and Iraq signed the security agreement in March 2023. The second round of the talks was held in Vienna. "
    "Iraq will buy fighter jets from France."
)
FIRE = (
    Upload(
        "observer.md",
        b"---\ntitle: Fire damages the library of Tarn\npublisher: Tarn Observer\npublished: 2025-01-09\n---\n"
        b"The fire destroyed four thousand books in the city library of Tarn on Wednesday night.",
    ),
    Upload(
        "courier.md",
        b"---\ntitle: Tarn counts its lost books\npublisher: Coast Courier\npublished: 2025-01-11\n---\n"
        b"The fire destroyed 2,500 books in the city library of Tarn, the fire brigade said on Friday.",
    ),
)
FONTS = {"Inter": "fonts-inter", "Noto Color Emoji": "fonts-noto-color-emoji"}  # family and Debian package


@dataclass(frozen=True, slots=True)
class Newsroom:
    """Where journeys take place: a channel, somebody in it, and what mentions the bot there."""

    channel: Channel
    alice: Person
    boss: Person
    bot: str

    async def asked(self, question: str) -> Message:
        """Have the question answered in full."""
        asked = await self.alice.slash(self.channel, "ask", question=question)
        return await complete(await asked.settled())


Journey = Callable[[Newsroom], Awaitable[Sequence[Payload]]]


async def answer(room: Newsroom) -> Sequence[Payload]:
    return [shown(await room.asked(PROVISIONS))]


async def missing(room: Newsroom) -> Sequence[Payload]:
    return [shown(await room.asked("How long is the border between Iran and Iraq?"))]


async def passages(room: Newsroom) -> Sequence[Payload]:
    pressed = await room.alice.click(await room.asked(PROVISIONS), "Passages")
    return [shown(await pressed.settled())]


async def feedback(room: Newsroom) -> Sequence[Payload]:
    pressed = await room.alice.click(await room.asked(PROVISIONS), "Citation")
    assert pressed.modal
    return [pressed.modal]


async def conversation(room: Newsroom) -> Sequence[Payload]:
    first = await room.alice.says(room.channel, f"{room.bot} where was the first round of talks held?")
    reply = await complete(await first.reply())
    second = await room.alice.says(room.channel, "and the second one?", reply_to=reply)
    return list(map(shown, (first, reply, second, await complete(await second.reply()))))


async def check(room: Newsroom) -> Sequence[Payload]:
    return await checked(room, RUMOUR)


async def disagree(room: Newsroom) -> Sequence[Payload]:
    for file in FIRE:
        await (await room.boss.slash(room.channel, "ingest", file=file)).settled()
    return await checked(room, "The fire destroyed four thousand books in the library of Tarn.")


async def sides(room: Newsroom) -> Sequence[Payload]:
    return [shown(await room.asked("When was the Iran-Iraq security pact signed?"))]


async def premise(room: Newsroom) -> Sequence[Payload]:
    return [shown(await room.asked("Why did Iran refuse to sign the 2023 agreement?"))]


async def checked(room: Newsroom, said: str) -> Sequence[Payload]:
    """Have Alice say something and check it."""
    message = await room.alice.says(room.channel, said)
    pressed = await room.alice.apps(message, "Check against the articles")
    verdict = await (await pressed.settled()).until(lambda message: message.text)
    return [shown(message), shown(verdict)]


async def timeline(room: Newsroom) -> Sequence[Payload]:
    asked = await room.alice.slash(room.channel, "timeline", topic="talks between Iran and the United States", limit=6)
    return [shown(await complete(await asked.settled()))]


JOURNEYS: Mapping[str, Journey] = {
    journey.__name__: journey
    for journey in (answer, missing, passages, feedback, conversation, check, disagree, sides, premise, timeline)
}


async def complete(message: Message) -> Message:
    """Wait until an answer no longer grows: then it has buttons."""
    return await message.until(lambda message: message.buttons)


def shown(message: Message) -> Payload:
    """Take a message as Discord's API would return it, but for the time, and with its pictures in it."""
    payload = {**payloads.message(message), "timestamp": SENT, "edited_timestamp": None}
    written = json.dumps(payload)
    for file in message.attachments:
        if file.content_type.startswith("image/"):
            content = base64.b64encode(file.content).decode()
            written = written.replace(file.url, f"data:{file.content_type};base64,{content}")
    drawn: Payload = json.loads(written)
    return drawn


async def draw(names: Iterable[str], folder: Path) -> None:
    """Go on the journeys, one after the other, and write their pictures into a folder."""
    async with chromium() as browser, newsroom() as room:
        for name in names:
            html = page(await JOURNEYS[name](room))
            (folder / f"{name}.png").write_bytes(await browser.picture(html, PHONE))


@asynccontextmanager
async def newsroom() -> AsyncIterator[Newsroom]:
    """Open a newsroom with a running bot, which has the articles of the repository."""
    with tempfile.TemporaryDirectory() as folder:
        store = stocked(Path(folder))
        async with DiscordServer() as discord, bot_process(discord, data=store):
            place = discord.guild("Newsroom")
            people = place.member("alice"), place.member("boss", manages=True)
            yield Newsroom(place.channel("general"), *people, discord.bot_mention)


def stocked(data: Path) -> Path:
    """Make a store with the articles of the repository."""
    with open_store(settings(data)) as store:
        ingest([str(ROOT / "seeds" / "articles")], store)
    return data


def missing_fonts() -> list[str]:
    """Name the packages of the fonts that come closest to Discord's own and are not installed."""
    if not shutil.which("fc-list"):
        return []
    families = subprocess.run(["fc-list", ":", "family"], capture_output=True, text=True, check=True).stdout
    return [package for family, package in FONTS.items() if family not in families]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.pictures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"draw these only: {', '.join(JOURNEYS)}")
    names = parser.parse_args().names
    if unknown := set(names) - JOURNEYS.keys():
        parser.error(f"no journey is named {', '.join(sorted(unknown))}; there are {', '.join(JOURNEYS)}")
    if missing := missing_fonts():
        print(f"It will look less like Discord: `apt install {' '.join(missing)}` first.", file=sys.stderr)
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        asyncio.run(draw(names or JOURNEYS, FOLDER))
    except NoChromiumError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

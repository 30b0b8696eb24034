"""A Discord of one's own on the loopback interface, for the real discord.py client of a real bot, and people to use it.

    async with DiscordServer() as discord:
        newsroom = discord.guild("Newsroom")
        channel, alice = newsroom.channel("general"), newsroom.member("alice")
        async with bot_process(discord, data=store):
            asked = await alice.slash(channel, "ask", question="Who signed?")
            answer = await asked.settled()

It follows Discord's documentation in what it accepts, how it refuses, and what it shows to whom.
"""

from tests.discord_server.compose import Upload
from tests.discord_server.described import SHARED as DISCORD_API
from tests.discord_server.load import Waited, ask_at_once
from tests.discord_server.people import Choice, Person, Place
from tests.discord_server.process import BotProcess, Exit, bot_process
from tests.discord_server.server import DiscordServer, Exchange
from tests.discord_server.state import Channel, Interaction, Message, Permission, Pings
from tests.discord_server.web import PublicWeb

__all__ = [
    "DISCORD_API",
    "BotProcess",
    "Channel",
    "Choice",
    "DiscordServer",
    "Exchange",
    "Exit",
    "Interaction",
    "Message",
    "Permission",
    "Person",
    "Pings",
    "Place",
    "PublicWeb",
    "Upload",
    "Waited",
    "ask_at_once",
    "bot_process",
]

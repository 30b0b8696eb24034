"""Who may manage, and where: a command in, the same for those only who may manage the server, out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import discord
from discord import app_commands

from rag.errors import UsageError

if TYPE_CHECKING:
    from bot.client import Dateline

T = TypeVar("T", bound=Callable[..., Any])


def for_managers(callback: T) -> T:
    """Offer a command on servers, to members who may manage them, and refuse it to anybody else who is shown it."""
    for limit in (
        app_commands.guild_only(),
        app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False),  # the tree's count otherwise
        app_commands.default_permissions(manage_guild=True),
        app_commands.checks.has_permissions(manage_guild=True),
    ):
        callback = limit(callback)
    return callback


def check_home(interaction: discord.Interaction[Dateline], what: str) -> None:
    """Raise UsageError for `what` is done on one server only, if there is such a server and this is another."""
    home = interaction.client.settings.discord_guild_id
    if home and interaction.guild_id != home:
        raise UsageError(f"{what} on the server that DISCORD_GUILD_ID names.")

"""A command in, the same command for those only who may manage the server, out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from discord import app_commands

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

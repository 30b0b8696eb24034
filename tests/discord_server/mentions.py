"""A text and what its sender allows in, whom it notifies out. Pure functions."""

from __future__ import annotations

import re
from typing import Any

from tests.discord_server.refusal import Form
from tests.discord_server.state import Channel, Message, Permission, Pings, User

JSON = dict[str, Any]


def pings_of(text: str, allowed: JSON | None, sender: User, channel: Channel, reply_to: Message | None) -> Pings:
    """Work out whom a text notifies; without `allowed_mentions` all that it names, and whom it replies to."""
    rules: JSON = {"parse": ["users", "roles", "everyone"], "replied_user": True} if allowed is None else allowed
    parse = rules.get("parse") or []
    users = {int(found) for found in re.findall(r"<@!?(\d+)>", text)}
    roles = {int(found) for found in re.findall(r"<@&(\d+)>", text)}
    if "users" not in parse:
        users &= {int(user) for user in rules.get("users") or ()}
    if "roles" not in parse:
        roles &= {int(role) for role in rules.get("roles") or ()}
    if reply_to and rules.get("replied_user") and reply_to.author is not sender:
        users.add(reply_to.author.id)
    everyone = "everyone" in parse and re.search(r"@(everyone|here)\b", text) is not None
    if channel.guild is None:
        return Pings(frozenset(users & {user.id for user in channel.recipients}))
    unlimited = Permission.MENTION_EVERYONE in channel.permissions(sender)
    known = {role.id: role for role in channel.guild.roles}
    pinged = {role for role in roles if role in known and (unlimited or known[role].mentionable)}
    return Pings(frozenset(users & channel.guild.members.keys()), frozenset(pinged), everyone and unlimited)


def check_allowed(allowed: JSON | None, at: tuple[str | int, ...] = ()) -> None:
    """Raise Refused for what is wrong with `allowed_mentions`."""
    form, place = Form(), (*at, "allowed_mentions")
    rules = allowed or {}
    parse = rules.get("parse") or []
    for index, kind in enumerate(parse):
        if kind not in ("users", "roles", "everyone"):
            form.choice((*place, "parse", index), kind, ("users", "roles", "everyone"))
    for kind in ("users", "roles"):
        if kind in parse and rules.get(kind):
            form.fault(
                (*place, kind),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f"parse:[{kind!r}] and {kind}: [ids] exclude",
            )
        form.count((*place, kind), len(rules.get(kind) or ()), 100)
    form.check()

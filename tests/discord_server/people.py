"""People and what they do, so that a test reads as what happened: `asked = await alice.slash(channel, "ask", …)`.

A person can do only what Discord's own client would let them: whatever else a test tries raises AssertionError.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.discord_server import acts, commands, payloads, reading
from tests.discord_server.compose import Upload, composed, stored
from tests.discord_server.gateway import Intent
from tests.discord_server.payloads import JSON
from tests.discord_server.state import (
    DM,
    MANAGING,
    ORDINARY,
    PUBLIC_THREAD,
    TEXT,
    Attachment,
    Channel,
    Guild,
    Interaction,
    InteractionType,
    Member,
    Message,
    Permission,
    Role,
    User,
    World,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the choices that the bot offers for an option."""

    name: str
    value: object


class Place:
    """A guild as tests furnish it."""

    def __init__(self, world: World, name: str) -> None:
        """Found a guild, with the bot in it, whose owner nobody plays."""
        self._world = world
        self.guild = Guild(world.new_id(), name, world.new_user(f"{name} owner"))
        self.guild.roles.append(Role(self.guild.id, "@everyone", ORDINARY))
        own = Role(world.new_id(), world.bot.name, ORDINARY, mentionable=True, bot_id=world.bot.id)
        self.guild.roles.append(own)
        self.guild.members = {user.id: Member(user) for user in (self.guild.owner, world.bot)}
        self.guild.members[world.bot.id].roles.append(own)
        world.guilds[self.guild.id] = self.guild
        world.announce("GUILD_CREATE", payloads.guild(self.guild, world.bot), Intent.GUILDS)

    @property
    def id(self) -> int:
        """The guild's id."""
        return self.guild.id

    @property
    def bots_role(self) -> Role:
        """The bot's own role, which people choose by mistake when they mean to mention the bot."""
        return next(role for role in self.guild.roles if role.bot_id is not None)

    def channel(self, name: str) -> Channel:
        """Add a text channel."""
        return acts.open_channel(self._world, Channel(self._world.new_id(), TEXT, name, self.guild))

    def role(self, name: str, permissions: Permission = ORDINARY, mentionable: bool = False) -> Role:
        """Add a role."""
        role = Role(self._world.new_id(), name, permissions, mentionable)
        self.guild.roles.append(role)
        data = {"guild_id": str(self.id), "role": payloads.role(role, len(self.guild.roles) - 1)}
        self._world.announce("GUILD_ROLE_CREATE", data, Intent.GUILDS)
        return role

    def member(
        self, who: str | Person, *, manages: bool = False, roles: Iterable[Role] = (), bot: bool = False
    ) -> Person:
        """Have somebody join, new or known from another guild; who `manages` may manage the server."""
        user = self._world.new_user(who, bot) if isinstance(who, str) else who.user
        held = [*roles, *([self.role(f"{user.name} manages", ORDINARY | MANAGING)] if manages else [])]
        self.guild.members[user.id] = Member(user, held)
        return Person(self._world, user)


class Person:
    """Somebody with a Discord client."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self.user = user

    @property
    def mention(self) -> str:
        """What mentions this person."""
        return self.user.mention

    @property
    def direct(self) -> Channel:
        """The direct conversation with the bot."""
        return acts.direct(self._world, self.user)

    # messages

    async def says(
        self, channel: Channel, text: str, *, reply_to: Message | None = None, ping: bool = True,
        files: Sequence[Upload] = (),
    ) -> Message:  # fmt: skip
        """Send a message; a reply notifies whom it replies to unless `ping` is false."""
        allowed = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
        body = {"content": text, "allowed_mentions": allowed}
        attached = dict(enumerate(files))
        version = composed(self._world, channel, self.user, body, attached, reply_to=reply_to)
        kind = acts.REPLY if reply_to else acts.DEFAULT
        return acts.post(self._world, channel, self.user, version, kind=kind, reply_to=reply_to)

    async def dm(self, text: str, *, reply_to: Message | None = None) -> Message:
        """Send the bot a direct message."""
        return await self.says(self.direct, text, reply_to=reply_to)

    async def edits(self, message: Message, text: str) -> Message:
        """Change one's own message."""
        assert message.author is self.user
        version = composed(self._world, message.channel, self.user, {"content": text}, before=message.now)
        return acts.edit(message, version)

    async def deletes(self, message: Message) -> None:
        """Delete a message, or dismiss an ephemeral one."""
        acts.delete(message)

    async def reacts(self, message: Message, emoji: str) -> None:
        """React to a message."""
        acts.react(message, self.user, emoji)

    async def opens_thread(self, message: Message, name: str) -> Channel:
        """Open a thread on a message."""
        return acts.open_thread(self._world, message.channel, name, self.user, PUBLIC_THREAD, on=message)

    # commands

    async def slash(self, channel: Channel, command: str, **options: Any) -> Interaction:
        """Call a command, a sub-command as in "settings limits", and wait until it is acknowledged."""
        return await self.calls(channel, command, **options).acknowledged()

    def calls(self, channel: Channel, command: str, *, although_hidden: bool = False, **options: Any) -> Interaction:
        """Call a command without waiting for anything.

        `although_hidden` for a command that this member is not shown: a server's own settings can show it to anybody.
        """
        name, *path = command.split()
        registered = self._command(channel, name, commands.CHAT, although_hidden)
        given = self._uploaded(channel, options)
        filled = commands.filled_in(registered, path, {option: _written(value) for option, value in given.items()})
        resolved = self._resolved(channel, given.values())
        return self._begin(InteractionType.COMMAND, channel, _called(registered, options=filled, resolved=resolved))

    async def apps(self, message: Message, command: str) -> Interaction:
        """Right-click a message, choose Apps and a command there, and wait until it is acknowledged."""
        self._sees(message)
        registered = self._command(message.channel, command, commands.MESSAGE, although_hidden=False)
        resolved = self._resolved(message.channel, [message])
        data = _called(registered, target_id=str(message.id), resolved=resolved)
        return await self._begin(InteractionType.COMMAND, message.channel, data).acknowledged()

    async def autocomplete(
        self, channel: Channel, command: str, option: str, typed: str, **filled: object
    ) -> list[Choice]:
        """Type into an option, and wait for the choices that the bot offers."""
        name, *path = command.split()
        registered = self._command(channel, name, commands.CHAT, although_hidden=False)
        values = {name: _written(value) for name, value in self._uploaded(channel, filled).items()}
        options = commands.filled_in(registered, path, values, focused=(option, typed))
        asked = self._begin(InteractionType.AUTOCOMPLETE, channel, _called(registered, options=options))
        await asked.acknowledged()
        assert asked.choices is not None
        return [Choice(choice["name"], choice["value"]) for choice in asked.choices]

    def is_shown(self, channel: Channel, command: str, kind: int = commands.CHAT) -> bool:
        """Tell whether this person is shown a command in a channel."""
        found = self._registered(channel, command, kind)
        return found is not None and self._may_call(channel, found)

    def _command(self, channel: Channel, name: str, kind: int, although_hidden: bool) -> JSON:
        found = self._registered(channel, name, kind)
        assert found, f"There is no command {name!r}, only {[one['name'] for one in self._offered(channel)]}"
        assert although_hidden or self._may_call(channel, found), f"{self.user.name} is not shown {name!r} here"
        return found

    def _registered(self, channel: Channel, name: str, kind: int) -> JSON | None:
        return next((one for one in self._offered(channel) if (one["name"], one["type"]) == (name, kind)), None)

    def _offered(self, channel: Channel) -> list[JSON]:
        own = self._world.commands.get(channel.guild.id, []) if channel.guild else []
        return own + self._world.commands[None]

    def _may_call(self, channel: Channel, command: JSON) -> bool:
        contexts = command["contexts"]
        if channel.type == DM:
            return 1 in contexts if contexts is not None else bool(command["dm_permission"])
        needed = command["default_member_permissions"]
        permissions = channel.permissions(self.user)
        if needed is not None and Permission.ADMINISTRATOR not in permissions:
            allowed = int(needed) != 0 and Permission(int(needed)) in permissions
            return allowed and (contexts is None or 0 in contexts)
        return contexts is None or 0 in contexts

    def _uploaded(self, channel: Channel, options: Mapping[str, object]) -> dict[str, object]:
        """Upload the files among the values of options."""
        return {
            name: stored(self._world, channel, value) if isinstance(value, Upload) else value
            for name, value in options.items()
        }

    def _resolved(self, channel: Channel, values: Iterable[object]) -> JSON:
        given = list(values)
        return payloads.resolved(
            users=[one.user for one in given if isinstance(one, Person)],
            channels=[one for one in given if isinstance(one, Channel)],
            roles=[one for one in given if isinstance(one, Role)],
            messages=[one for one in given if isinstance(one, Message)],
            files=[one for one in given if isinstance(one, Attachment)],
            asker=self.user, place=channel.guild, me=self._world.bot,
        )  # fmt: skip

    # components

    async def click(self, message: Message, label: str) -> Interaction:
        """Press a button, named by its label or custom id, and wait until it is acknowledged."""
        self._sees(message)
        found = [button for name, button in message.buttons.items() if label in (name, button.get("custom_id"))]
        assert found, f"There is no button {label!r}, only {list(message.buttons)}"
        button = found[0]
        assert button.get("custom_id"), f"{label!r} is a link"
        assert not button.get("disabled"), f"{label!r} is disabled"
        data = {"custom_id": button["custom_id"], "component_type": reading.BUTTON, "id": button["id"]}
        begun = self._begin(InteractionType.COMPONENT, message.channel, data, message=message)
        return await begun.acknowledged()

    async def choose(self, message: Message, *values: str, select: str | None = None) -> Interaction:
        """Choose values, or labels, in the select menu, or the one with that custom id or placeholder."""
        self._sees(message)
        menus = [one for one in message.selects if select in (None, one["custom_id"], one.get("placeholder"))]
        assert menus, f"There is no select menu {select!r}"
        menu = menus[0]
        data = {"custom_id": menu["custom_id"], "component_type": menu["type"], "id": menu["id"]}
        chosen = data | {"values": _chosen(menu, values)}
        begun = self._begin(InteractionType.COMPONENT, message.channel, chosen, message=message)
        return await begun.acknowledged()

    async def submit(self, opened: Interaction, values: Mapping[str, str | Sequence[str]]) -> Interaction:
        """Fill in a modal's fields, named by label or custom id, send it, and wait until it is acknowledged."""
        assert opened.modal, "No modal is open"
        left = dict(values)
        data = {
            "custom_id": opened.modal["custom_id"],
            "components": [_answered(component, left) for component in opened.modal["components"]],
        }
        assert not left, f"The modal has no {list(left)}"
        begun = self._begin(InteractionType.MODAL, opened.channel, data, message=opened.message, begun_by=opened)
        return await begun.acknowledged()

    def _sees(self, message: Message) -> None:
        assert message.deleted_at is None, "The message is deleted"
        owner = message.interaction.user if message.interaction else None
        assert not message.ephemeral or owner is self.user, f"{self.user.name} does not see that message"

    def _begin(
        self, kind: InteractionType, channel: Channel, data: JSON, *, message: Message | None = None,
        begun_by: Interaction | None = None,
    ) -> Interaction:  # fmt: skip
        world = self._world
        interaction = Interaction(
            world, world.new_id(), secrets.token_urlsafe(32), kind, self.user, channel, data, world.now(), message,
            begun_by, source_versions=len(message.versions) if message else 0,
        )  # fmt: skip
        world.interactions[interaction.token] = interaction
        world.announce("INTERACTION_CREATE", payloads.interaction(interaction), 0)
        return interaction


def _written(value: object) -> object:
    """Write a value as an interaction does: what has an id by its id."""
    if isinstance(value, Person):
        return str(value.user.id)
    return str(value.id) if isinstance(value, (Attachment, Channel, Role)) else value


def _called(command: JSON, **content: object) -> JSON:
    data = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    return data | {name: value for name, value in content.items() if value or name == "options"}


def _chosen(menu: JSON, values: Sequence[str]) -> list[str]:
    least, most = menu.get("min_values"), menu.get("max_values")
    least, most = 1 if least is None else least, 1 if most is None else most
    assert least <= len(values) <= most, f"{least} to {most} values can be chosen"
    if menu["type"] not in (reading.STRING_SELECT, reading.RADIO_GROUP, reading.CHECKBOX_GROUP):
        return list(values)
    by_label = {option["label"]: option["value"] for option in menu["options"]}
    for value in values:
        assert value in by_label or value in by_label.values(), f"{value!r} is none of {list(by_label)}"
    return [by_label.get(value, value) for value in values]


def _answered(component: JSON, left: dict[str, str | Sequence[str]]) -> JSON:
    """Answer one top component of a modal, and take what was used off `left`."""
    shown = {"type": component["type"], "id": component["id"]}
    if component["type"] == reading.TEXT_DISPLAY:
        return shown
    if component["type"] == reading.LABEL:
        return shown | {"component": _field(component["component"], component["label"], left)}
    return shown | {"components": [_field(field, field["label"], left) for field in component["components"]]}


def _field(field: JSON, label: str, left: dict[str, str | Sequence[str]]) -> JSON:
    shown = {"type": field["type"], "id": field["id"], "custom_id": field["custom_id"]}
    value = left.pop(label, None)
    if value is None:
        value = left.pop(field["custom_id"], None)
    required = field.get("required", True) is not False
    if field["type"] == reading.TEXT_INPUT:
        text = value if isinstance(value, str) else field.get("value") or ""
        least = (field.get("min_length") or 0) if text or required else 0
        assert text or not required, f"{label} is required"
        assert least <= len(text) <= (field.get("max_length") or 4000), f"{label} has {len(text)} characters"
        return shown | {"value": text}
    values = [value] if isinstance(value, str) else list(value or ())
    assert values or not required, f"{label} is required"
    if field["type"] == reading.CHECKBOX:
        return shown | {"value": bool(values)}
    chosen = _chosen(field, values) if values else []
    return shown | (
        {"value": chosen[0] if chosen else None} if field["type"] == reading.RADIO_GROUP else {"values": chosen}
    )

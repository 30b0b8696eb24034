"""Discord's REST API v10, what of it a bot of this kind may ask for. A handler gets a call, and returns its answer.

None is answered with 204. What is refused is raised as Refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from tests.discord_server import acts, payloads
from tests.discord_server.commands import CHAT, check_command, check_commands
from tests.discord_server.compose import Upload, checked_nonce, composed
from tests.discord_server.gateway import Gateway, Intent
from tests.discord_server.payloads import JSON
from tests.discord_server.refusal import Form, Refused, forbidden, no_access, unknown
from tests.discord_server.state import DM, PRIVATE_THREAD, PUBLIC_THREAD, Channel, Guild, Message, Permission, World


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was read."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: Mapping[int, Upload]

    def number(self, name: str) -> int:
        """Read a snowflake of the path. Raises Refused when it is none."""
        if not self.params[name].isdecimal():
            form = Form()
            form.fault((name,), "NUMBER_TYPE_COERCE", f'Value "{self.params[name]}" is not snowflake.')
            form.check()
        return int(self.params[name])


Handler: TypeAlias = Callable[[Call], Any]
Route: TypeAlias = tuple[str, str, Handler]

ARCHIVE_AFTER = (60, 1440, 4320, 10080)  # minutes; Discord, threads
CHANGEABLE = (0, 19, 20, 23)  # the types of messages that are not the system's


@dataclass(frozen=True, slots=True)
class Created:
    """An answer with status 201."""

    body: Any


class Api:
    """Everything but interactions."""

    def __init__(self, world: World, gateway: Gateway) -> None:
        self._world = world
        self._gateway = gateway

    def routes(self) -> list[Route]:
        """List the routes below `/api/v10`."""
        channel, message = "/channels/{channel}", "/channels/{channel}/messages/{message}"
        routes: list[Route] = [
            ("GET", "/users/@me", lambda call: payloads.user(self._world.bot)),
            ("GET", "/users/{user}", self.get_user),
            ("POST", "/users/@me/channels", self.open_direct),
            ("GET", "/oauth2/applications/@me", lambda call: payloads.application(self._world)),
            ("GET", "/applications/@me", lambda call: payloads.application(self._world)),
            ("GET", "/gateway", lambda call: {"url": self._gateway_url}),
            ("GET", "/gateway/bot", self.get_gateway),
            ("GET", "/guilds/{guild}", lambda call: payloads.guild_alone(self._guild(call))),
            ("GET", "/guilds/{guild}/channels", self.list_channels),
            ("GET", "/guilds/{guild}/roles", lambda call: payloads.guild_alone(self._guild(call))["roles"]),
            ("GET", "/guilds/{guild}/members/{user}", self.get_member),
            ("GET", "/guilds/{guild}/threads/active", self.list_threads),
            ("GET", channel, lambda call: payloads.channel(self._channel(call), self._world.bot)),
            ("PATCH", channel, self.change_channel),
            ("DELETE", channel, self.delete_channel),
            ("POST", f"{channel}/typing", self.type),
            ("GET", f"{channel}/messages", self.list_messages),
            ("POST", f"{channel}/messages", self.create_message),
            ("GET", message, lambda call: self._shown(self._message(call))),
            ("PATCH", message, self.edit_message),
            ("DELETE", message, self.delete_message),
            ("PUT", message + "/reactions/{emoji}/@me", self.react),
            ("DELETE", message + "/reactions/{emoji}/@me", self.unreact),
            ("POST", f"{message}/threads", self.open_thread_on_message),
            ("POST", f"{channel}/threads", self.open_thread),
            ("PUT", channel + "/thread-members/@me", self.join_thread),
            ("DELETE", channel + "/thread-members/@me", self.join_thread),
        ]
        for place in ("/applications/{application}", "/applications/{application}/guilds/{guild}"):
            routes += [
                ("GET", f"{place}/commands", self.list_commands),
                ("PUT", f"{place}/commands", self.replace_commands),
                ("POST", f"{place}/commands", self.create_command),
                ("GET", place + "/commands/{command}", lambda call: self._command(call)),
                ("PATCH", place + "/commands/{command}", self.change_command),
                ("DELETE", place + "/commands/{command}", self.delete_command),
            ]
        return routes

    # finding things

    def _guild(self, call: Call) -> Guild:
        guild = self._world.guilds.get(call.number("guild"))
        if guild is None:
            raise unknown("Guild")
        return guild

    def _channel(self, call: Call, *needed: Permission) -> Channel:
        """Find a channel in which the bot may do something. Raises Refused."""
        channel = self._world.channels.get(call.number("channel"))
        if channel is None or channel.deleted:
            raise unknown("Channel")
        permissions = channel.permissions(self._world.bot)
        if Permission.VIEW_CHANNEL not in permissions:
            raise no_access()
        if any(permission not in permissions for permission in needed):
            raise forbidden()
        return channel

    def _message(self, call: Call) -> Message:
        message = self._channel(call, Permission.READ_MESSAGE_HISTORY).messages.get(call.number("message"))
        if message is None or not message.public:
            raise unknown("Message")
        return message

    def _shown(self, message: Message) -> JSON:
        shown = payloads.message(message)
        if Intent.MESSAGE_CONTENT in self._gateway.allowed:
            return shown
        return payloads.hidden(shown, self._world.bot, message.channel.type == DM)

    # people, guilds, the gateway

    @property
    def _gateway_url(self) -> str:
        return self._world.url.replace("http", "ws", 1) + "/gateway"

    def get_gateway(self, call: Call) -> JSON:
        limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self._gateway_url, "shards": 1, "session_start_limit": limit}

    def get_user(self, call: Call) -> JSON:
        user = self._world.users.get(call.number("user"))
        if user is None:
            raise unknown("User")
        return payloads.user(user)

    def get_member(self, call: Call) -> JSON:
        member = self._guild(call).members.get(call.number("user"))
        if member is None:
            raise unknown("Member")
        return payloads.member(member)

    def list_channels(self, call: Call) -> list[JSON]:
        channels = self._guild(call).channels.values()
        return [payloads.channel(one, self._world.bot) for one in channels if not (one.deleted or one.is_thread)]

    def list_threads(self, call: Call) -> JSON:
        threads = [one for one in self._guild(call).channels.values() if one.is_thread and not one.deleted]
        shown = [payloads.channel(one, self._world.bot) for one in threads if not one.archived]
        return {"threads": shown, "members": [one["member"] for one in shown if "member" in one], "has_more": False}

    def open_direct(self, call: Call) -> JSON:
        user = self._world.users.get(int(call.body["recipient_id"]))
        if user is None:
            raise unknown("User")
        return payloads.channel(acts.direct(self._world, user), self._world.bot)

    # channels and threads

    def change_channel(self, call: Call) -> JSON:
        thread = self._channel(call)
        if not thread.is_thread or thread.owner is not self._world.bot:
            self._channel(call, Permission.MANAGE_THREADS if thread.is_thread else Permission.MANAGE_CHANNELS)
        form = Form()
        form.text(("name",), call.body.get("name"), 100, 1)
        form.check()
        thread.name = call.body.get("name") or thread.name
        thread.archived = call.body.get("archived", thread.archived)
        thread.locked = call.body.get("locked", thread.locked)
        acts.change_thread(self._world, thread)
        return payloads.channel(thread, self._world.bot)

    def delete_channel(self, call: Call) -> JSON:
        channel = self._channel(call)
        self._channel(call, Permission.MANAGE_THREADS if channel.is_thread else Permission.MANAGE_CHANNELS)
        acts.delete_channel(self._world, channel)
        return payloads.channel(channel, self._world.bot)

    def open_thread_on_message(self, call: Call) -> Created:
        message = self._message(call)
        parent = self._channel(call, Permission.CREATE_PUBLIC_THREADS)
        if parent.guild is None or parent.is_thread:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        if message.thread:
            raise Refused(400, 160004, "A thread has already been created for this message")
        return self._opened(call, parent, PUBLIC_THREAD, message)

    def open_thread(self, call: Call) -> Created:
        kind = call.body.get("type") or PRIVATE_THREAD
        needed = Permission.CREATE_PUBLIC_THREADS if kind == PUBLIC_THREAD else Permission.CREATE_PRIVATE_THREADS
        parent = self._channel(call, needed)
        if parent.guild is None or parent.is_thread:
            raise Refused(400, 50024, "Cannot execute action on this channel type")
        return self._opened(call, parent, kind)

    def _opened(self, call: Call, parent: Channel, kind: int, on: Message | None = None) -> Created:
        form = Form()
        form.text(("name",), call.body.get("name"), 100, 1, required=True)
        minutes = call.body.get("auto_archive_duration") or 1440
        if minutes not in ARCHIVE_AFTER:
            form.choice(("auto_archive_duration",), minutes, ARCHIVE_AFTER)
        form.check()
        bot = self._world.bot
        thread = acts.open_thread(self._world, parent, call.body["name"], bot, kind, on=on, minutes=minutes)
        return Created(payloads.channel(thread, bot))

    def join_thread(self, call: Call) -> None:
        self._channel(call)

    def type(self, call: Call) -> None:
        self._channel(call, Permission.SEND_MESSAGES)

    # messages

    def list_messages(self, call: Call) -> list[JSON]:
        channel = self._channel(call)
        limit = int(call.query.get("limit", 50))
        form = Form()
        form.number(("limit",), limit, 1, 100)
        form.check()
        if Permission.READ_MESSAGE_HISTORY not in channel.permissions(self._world.bot):
            return []
        return [self._shown(message) for message in _page(channel.history, call.query, limit)]

    def create_message(self, call: Call) -> JSON:
        channel = self._channel(call)
        self._channel(call, Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES)
        self._may_send(channel, call)
        nonce = checked_nonce(call.body)
        if nonce is not None and call.body.get("enforce_nonce"):
            for message in channel.history:
                if message.nonce == nonce and message.author is self._world.bot:
                    return payloads.message(message)
        reply_to = self._replied_to(channel, call.body.get("message_reference"))
        version = composed(self._world, channel, self._world.bot, call.body, call.files, reply_to=reply_to)
        kind = acts.REPLY if reply_to else acts.DEFAULT
        sent = acts.post(self._world, channel, self._world.bot, version, kind=kind, reply_to=reply_to, nonce=nonce)
        return payloads.message(sent)

    def _may_send(self, channel: Channel, call: Call) -> None:
        permissions = channel.permissions(self._world.bot)
        needs = {Permission.EMBED_LINKS: call.body.get("embeds"), Permission.ATTACH_FILES: call.files}
        if any(used and permission not in permissions for permission, used in needs.items()):
            raise forbidden()

    def _replied_to(self, channel: Channel, reference: JSON | None) -> Message | None:
        if not reference:
            return None
        if Permission.READ_MESSAGE_HISTORY not in channel.permissions(self._world.bot):
            raise Refused(403, 160002, "Cannot reply without permission to read message history")
        form, found = Form(), channel.messages.get(int(reference["message_id"]))
        if found is None or not found.public:
            if reference.get("fail_if_not_exists", True):
                form.fault(("message_reference",), "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
            found = None
        elif found.type not in CHANGEABLE:
            code = "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE"
            form.fault(("message_reference",), code, "Cannot reply to a system message")
        form.check()
        return found

    def edit_message(self, call: Call) -> JSON:
        message = self._message(call)
        if message.author is not self._world.bot:
            raise Refused(403, 50005, "Cannot edit a message authored by another user")
        self._may_send(message.channel, call)
        version = composed(
            self._world, message.channel, self._world.bot, call.body, call.files, before=message.now,
            reply_to=message.reply_to,
        )  # fmt: skip
        return payloads.message(acts.edit(message, version))

    def delete_message(self, call: Call) -> None:
        message = self._message(call)
        if message.author is not self._world.bot:
            self._channel(call, Permission.MANAGE_MESSAGES)
        acts.delete(message)

    def react(self, call: Call) -> None:
        self._channel(call, Permission.ADD_REACTIONS)
        acts.react(self._message(call), self._world.bot, call.params["emoji"])

    def unreact(self, call: Call) -> None:
        acts.react(self._message(call), self._world.bot, call.params["emoji"], add=False)

    # commands

    def _commands(self, call: Call) -> list[JSON]:
        if call.number("application") != self._world.application_id:
            raise Refused(403, 20012, "You are not authorized to perform this action on this application")
        return self._world.commands.setdefault(self._guild(call).id if "guild" in call.params else None, [])

    def _command(self, call: Call) -> JSON:
        for command in self._commands(call):
            if command["id"] == call.params["command"]:
                return command
        raise unknown("Application Command")

    def list_commands(self, call: Call) -> list[JSON]:
        return self._commands(call)

    def replace_commands(self, call: Call) -> list[JSON]:
        check_commands(call.body)
        registered = self._commands(call)
        registered[:] = [self._registered(call, command, registered) for command in call.body]
        return registered

    def create_command(self, call: Call) -> Created | JSON:
        check_command(call.body)
        registered = self._commands(call)
        command = self._registered(call, call.body, registered)
        same = [one for one in registered if one["id"] == command["id"]]
        registered[:] = [one for one in registered if one not in same] + [command]
        return command if same else Created(command)

    def change_command(self, call: Call) -> JSON:
        command = self._command(call)
        check_command(command | call.body)
        command |= call.body | {"version": str(self._world.new_id())}
        return command

    def delete_command(self, call: Call) -> None:
        self._commands(call).remove(self._command(call))

    def _registered(self, call: Call, command: JSON, registered: list[JSON]) -> JSON:
        kind = command.get("type") or CHAT
        same = [one["id"] for one in registered if (one["type"], one["name"]) == (kind, command["name"])]
        permissions = command.get("default_member_permissions")
        place = {"guild_id": call.params["guild"]} if "guild" in call.params else {}
        return {
            "id": same[0] if same else str(self._world.new_id()), "application_id": str(self._world.application_id),
            "version": str(self._world.new_id()), "type": kind, "name": command["name"],
            "description": command.get("description") or "", "options": command.get("options") or [],
            "default_member_permissions": None if permissions is None else str(permissions),
            "dm_permission": command.get("dm_permission", True), "contexts": command.get("contexts"),
            "integration_types": command.get("integration_types") or [0], "nsfw": command.get("nsfw", False), **place,
        }  # fmt: skip


def _page(history: list[Message], query: Mapping[str, str], limit: int) -> list[Message]:
    """Cut a page out of a history, newest first."""
    if "before" in query:
        history = [message for message in history if message.id < int(query["before"])]
    elif "after" in query:
        return [message for message in history if message.id > int(query["after"])][:limit][::-1]
    elif "around" in query:
        middle = int(query["around"])
        earlier = [message for message in history if message.id < middle][-(limit // 2) :]
        later = [message for message in history if message.id >= middle][: limit - limit // 2]
        return (earlier + later)[::-1]
    return history[-limit:][::-1]

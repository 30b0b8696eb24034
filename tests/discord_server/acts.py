"""What can happen on Discord, whoever does it: it changes the world and is announced to the bot."""

from __future__ import annotations

from tests.discord_server import payloads
from tests.discord_server.gateway import Intent
from tests.discord_server.payloads import JSON
from tests.discord_server.state import DM, PUBLIC_THREAD, TEXT, Channel, Interaction, Message, User, Version, World

DEFAULT, THREAD_CREATED, REPLY, CHAT_COMMAND, THREAD_STARTER, MENU_COMMAND = 0, 18, 19, 20, 21, 23  # message types


def _about_messages(channel: Channel, ephemeral: bool = False) -> Intent:
    return Intent.DIRECT_MESSAGES if channel.type == DM or ephemeral else Intent.GUILD_MESSAGES


def post(
    world: World, channel: Channel, author: User, version: Version, *, kind: int = DEFAULT,
    reply_to: Message | None = None, interaction: Interaction | None = None, nonce: str | None = None,
) -> Message:  # fmt: skip
    """Send a message."""
    message = Message(world, world.new_id(), channel, author, [version], kind, reply_to, interaction, nonce)
    channel.messages[message.id] = message
    channel.archived = False
    world.announce("MESSAGE_CREATE", payloads.sent(message), _about_messages(channel, message.ephemeral))
    return message


def edit(message: Message, version: Version) -> Message:
    """Change a message."""
    message.versions.append(version)
    _announce_change(message)
    return message


def _announce_change(message: Message) -> None:
    intent = _about_messages(message.channel, message.ephemeral)
    message.world.announce("MESSAGE_UPDATE", payloads.sent(message), intent)


def delete(message: Message) -> None:
    """Delete a message."""
    message.deleted_at = message.world.now()
    data: JSON = {"id": str(message.id), "channel_id": str(message.channel.id)}
    if message.channel.guild and not message.ephemeral:
        data["guild_id"] = str(message.channel.guild.id)
    message.world.announce("MESSAGE_DELETE", data, _about_messages(message.channel, message.ephemeral))


def react(message: Message, user: User, emoji: str, *, add: bool = True) -> None:
    """Add a reaction to a message, or take it off; twice is as good as once."""
    reaction = emoji, user.id
    if (reaction in message.reactions) == add:
        return
    if add:
        message.reactions.append(reaction)
    else:
        message.reactions.remove(reaction)
    data: JSON = {
        "user_id": str(user.id), "channel_id": str(message.channel.id), "message_id": str(message.id), "type": 0,
        "emoji": {"id": None, "name": emoji}, "burst": False,
    }  # fmt: skip
    guild = message.channel.guild
    if guild:
        data["guild_id"] = str(guild.id)
    if guild and add:
        data |= {"member": payloads.member(guild.members[user.id]), "message_author_id": str(message.author.id)}
    event = f"MESSAGE_REACTION_{'ADD' if add else 'REMOVE'}"
    intent = Intent.GUILD_MESSAGE_REACTIONS if guild else Intent.DIRECT_MESSAGE_REACTIONS
    message.world.announce(event, data, intent)


def open_channel(world: World, channel: Channel) -> Channel:
    """Add a channel to the world, and to its guild."""
    world.channels[channel.id] = channel
    if channel.guild:
        channel.guild.channels[channel.id] = channel
        data = payloads.channel(channel, world.bot)
        if channel.is_thread:
            world.announce("THREAD_CREATE", data | {"newly_created": True}, Intent.GUILDS)
        elif channel.type == TEXT:
            world.announce("CHANNEL_CREATE", data, Intent.GUILDS)
    return channel


def direct(world: World, user: User) -> Channel:
    """Find the direct conversation of a user and the bot, or open it."""
    for channel in world.channels.values():
        if channel.type == DM and user in channel.recipients:
            return channel
    return open_channel(world, Channel(world.new_id(), DM, "", None, recipients=[user, world.bot]))


def open_thread(
    world: World, parent: Channel, name: str, owner: User, kind: int, *, on: Message | None = None, minutes: int = 1440
) -> Channel:
    """Open a thread, on a message or on nothing; the thread on a message has the message's id."""
    number = on.id if on else world.new_id()
    thread = Channel(number, kind, name, parent.guild, parent, owner, archive_after=minutes)
    open_channel(world, thread)
    if on:
        on.thread = thread
        _announce_change(on)
        post(world, thread, owner, Version(world.now()), kind=THREAD_STARTER, reply_to=on)
    elif kind == PUBLIC_THREAD:
        post(world, parent, owner, Version(world.now(), name), kind=THREAD_CREATED)
    return thread


def change_thread(world: World, thread: Channel) -> None:
    """Announce that a thread changed."""
    world.announce("THREAD_UPDATE", payloads.channel(thread, world.bot), Intent.GUILDS)


def delete_channel(world: World, channel: Channel) -> None:
    """Delete a channel with its threads, and all that was said there."""
    channel.deleted = True
    for thread in [one for one in world.channels.values() if one.parent is channel]:
        delete_channel(world, thread)
    data = payloads.channel(channel, world.bot)
    world.announce("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", data, Intent.GUILDS)

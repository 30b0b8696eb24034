"""What the server knows in, the objects that Discord's API and gateway show of it out. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from tests.discord_server.state import (
    DM,
    EPOCH,
    PRIVATE_THREAD,
    Attachment,
    Channel,
    Flag,
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

JSON = dict[str, Any]
LIMIT_OF_FILES = 10 * 1024 * 1024  # bytes; Discord, a guild without boosts


def iso(seconds: float) -> str:
    """Write a time as Discord does."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def iso_of(snowflake: int) -> str:
    """Read the time in a snowflake."""
    return iso(((snowflake >> 22) + EPOCH) / 1000)


def user(one: User) -> JSON:
    """Show a user."""
    return {
        "id": str(one.id), "username": one.name, "global_name": None if one.bot else one.name.title(),
        "discriminator": "0000" if one.bot else "0", "avatar": None, "banner": None, "accent_color": None,
        "public_flags": 0, "flags": 0, "avatar_decoration_data": None, "clan": None, "primary_guild": None,
        **({"bot": True} if one.bot else {}),
    }  # fmt: skip


def member(one: Member, permissions: Permission | None = None, with_user: bool = True) -> JSON:
    """Show a member, with the permissions in a channel where Discord gives them."""
    shown: JSON = {
        "roles": [str(role.id) for role in one.roles], "joined_at": iso_of(one.user.id), "nick": None, "avatar": None,
        "banner": None, "premium_since": None, "communication_disabled_until": None, "pending": False, "deaf": False,
        "mute": False, "flags": 0,
    }  # fmt: skip
    if with_user:
        shown["user"] = user(one.user)
    return shown if permissions is None else shown | {"permissions": bits(permissions)}


def bits(permissions: Permission) -> str:
    """Write permissions as Discord does: a number in a string."""
    return str(permissions.value & (2**53 - 1))


def role(one: Role, position: int) -> JSON:
    """Show a role."""
    tags = {} if one.bot_id is None else {"tags": {"bot_id": str(one.bot_id)}}
    return {
        "id": str(one.id), "name": one.name, "permissions": bits(one.permissions), "position": position, "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}, "hoist": False, "icon": None,
        "unicode_emoji": None, "managed": one.bot_id is not None, "mentionable": one.mentionable, "flags": 0, **tags,
    }  # fmt: skip


def guild(one: Guild, me: User) -> JSON:
    """Show a guild as GUILD_CREATE does without the members intent: of its members, the bot alone."""
    channels = [found for found in one.channels.values() if not found.deleted]
    return {
        **guild_alone(one), "joined_at": iso_of(me.id), "large": False, "unavailable": False,
        "member_count": len(one.members), "members": [member(one.members[me.id])], "presences": [], "voice_states": [],
        "channels": [channel(found, me) for found in channels if not found.is_thread],
        "threads": [channel(found, me) for found in channels if found.is_thread and not found.archived],
        "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
    }  # fmt: skip


def guild_alone(one: Guild) -> JSON:
    """Show a guild as the API does, without what is in it."""
    return {
        "id": str(one.id), "name": one.name, "icon": None, "splash": None, "discovery_splash": None, "banner": None,
        "description": None, "owner_id": str(one.owner.id), "region": "deprecated", "afk_channel_id": None,
        "afk_timeout": 300, "widget_enabled": False, "widget_channel_id": None, "verification_level": 0,
        "default_message_notifications": 0, "explicit_content_filter": 0, "mfa_level": 0, "nsfw": False,
        "nsfw_level": 0, "premium_tier": 0, "premium_subscription_count": 0, "premium_progress_bar_enabled": False,
        "preferred_locale": "en-US", "system_channel_id": None, "system_channel_flags": 0, "rules_channel_id": None,
        "public_updates_channel_id": None, "safety_alerts_channel_id": None, "vanity_url_code": None,
        "application_id": None, "features": [], "emojis": [], "stickers": [], "max_members": 500_000,
        "max_presences": None, "max_video_channel_users": 25, "hub_type": None, "incidents_data": None,
        "roles": [role(found, position) for position, found in enumerate(one.roles)],
    }  # fmt: skip


def channel(one: Channel, me: User) -> JSON:
    """Show a channel of any kind."""
    if one.type == DM:
        return {
            "id": str(one.id), "type": DM, "flags": 0, "last_message_id": _last_of(one),
            "recipients": [user(recipient) for recipient in one.recipients if recipient is not me],
        }  # fmt: skip
    shown = {
        "id": str(one.id), "type": one.type, "guild_id": str(_guild(one).id), "name": one.name, "flags": 0,
        "last_message_id": _last_of(one), "rate_limit_per_user": 0,
    }  # fmt: skip
    if one.is_thread:
        return shown | _of_thread(one, me)
    overwrites = [{"id": str(who), "type": 1, "allow": "0", "deny": bits(denied)} for who, denied in one.denied.items()]
    return shown | {
        "position": 0, "topic": None, "nsfw": False, "parent_id": None, "permission_overwrites": overwrites,
        "default_auto_archive_duration": 1440,
    }  # fmt: skip


def _of_thread(one: Channel, me: User) -> JSON:
    assert one.parent
    messages = len(one.messages)
    shown: JSON = {
        "parent_id": str(one.parent.id), "owner_id": str((one.owner or me).id), "member_count": 1,
        "message_count": messages, "total_message_sent": messages,
        "thread_metadata": {
            "archived": one.archived, "locked": one.locked, "auto_archive_duration": one.archive_after,
            "archive_timestamp": iso_of(one.id), "create_timestamp": iso_of(one.id),
        },
    }  # fmt: skip
    if one.type == PRIVATE_THREAD:
        shown["thread_metadata"]["invitable"] = True
    if one.owner is me:
        joined = {"id": str(one.id), "user_id": str(me.id), "join_timestamp": iso_of(one.id), "flags": 0}
        shown["member"] = joined
    return shown


def _last_of(one: Channel) -> str | None:
    return str(max(one.messages)) if one.messages else None


def _guild(one: Channel) -> Guild:
    assert one.guild, f"{one.name} is in no guild"
    return one.guild


def attachment(one: Attachment, ephemeral: bool = False) -> JSON:
    """Show a file."""
    shown: JSON = {
        "id": str(one.id), "filename": one.filename, "size": len(one.content), "url": one.url, "proxy_url": one.url,
        "content_type": one.content_type,
    }  # fmt: skip
    if one.description is not None:
        shown["description"] = one.description
    return shown | ({"ephemeral": True} if ephemeral else {})


def message(one: Message, nested: bool = False) -> JSON:
    """Show a message whole; `nested` without the message that it replies to, as Discord shows that message."""
    now, world, edited = one.now, one.world, one.edits
    flags = now.flags | (Flag.HAS_THREAD if one.thread else Flag(0))
    mentioned = [world.users[found] for found in sorted(now.pings.users) if found in world.users]
    shown: JSON = {
        "id": str(one.id), "channel_id": str(one.channel.id), "type": one.type, "author": user(one.author),
        "content": now.content, "timestamp": iso(one.at), "edited_timestamp": iso(edited[-1].at) if edited else None,
        "tts": False, "pinned": False, "flags": flags.value, "mention_everyone": now.pings.everyone,
        "mentions": [user(found) for found in mentioned], "mention_roles": list(map(str, sorted(now.pings.roles))),
        "attachments": [attachment(file, one.ephemeral) for file in now.attachments], "embeds": list(now.embeds),
        "components": list(now.components),
    }  # fmt: skip
    if one.nonce is not None:
        shown["nonce"] = one.nonce
    if one.reactions:
        shown["reactions"] = _reactions(one)
    if one.thread:
        shown["thread"] = channel(one.thread, world.bot)
    if one.reply_to:
        shown |= _reply(one, nested)
    if one.interaction:
        shown |= _answering(one, one.interaction)
    return shown


def _reply(one: Message, nested: bool) -> JSON:
    to = one.reply_to
    assert to
    reference = {"type": 0, "message_id": str(to.id), "channel_id": str(to.channel.id)}
    if to.channel.guild:
        reference["guild_id"] = str(to.channel.guild.id)
    gone = to.deleted_at is not None
    shown = {} if nested else {"referenced_message": None if gone else message(to, nested=True)}
    return {"message_reference": reference} | shown


def _answering(one: Message, interaction: Interaction) -> JSON:
    application = str(one.world.application_id)
    shown: JSON = {"application_id": application, "webhook_id": application}
    shown["interaction_metadata"] = metadata(interaction)
    if one is not interaction.original and interaction.original:
        shown["interaction_metadata"]["original_response_message_id"] = str(interaction.original.id)
    if interaction.type is InteractionType.COMMAND and one is interaction.original:
        command = {"id": str(interaction.id), "type": 2, "name": interaction.data["name"]}
        shown["interaction"] = command | {"user": user(interaction.user)}
    return shown


def metadata(interaction: Interaction) -> JSON:
    """Say which interaction a message answers."""
    shown: JSON = {
        "id": str(interaction.id), "type": int(interaction.type), "user": user(interaction.user),
        "authorizing_integration_owners": owners(interaction.channel),
    }  # fmt: skip
    if interaction.type is InteractionType.COMMAND:
        shown |= {"name": interaction.data["name"], "command_type": interaction.data["type"]}
        if "target_id" in interaction.data:
            shown["target_message_id"] = interaction.data["target_id"]
    if interaction.type is InteractionType.COMPONENT and interaction.message:
        shown["interacted_message_id"] = str(interaction.message.id)
    if interaction.begun_by:
        shown["triggering_interaction_metadata"] = metadata(interaction.begun_by)
    return shown


def owners(place: Channel) -> JSON:
    """Say for whom the application is installed: the guild, or none in a direct conversation."""
    return {"0": str(place.guild.id) if place.guild else "0"}


def _reactions(one: Message) -> list[JSON]:
    emojis = dict.fromkeys(emoji for emoji, _ in one.reactions)
    users = {emoji: [who for found, who in one.reactions if found == emoji] for emoji in emojis}
    return [
        {
            "emoji": {"id": None, "name": emoji}, "count": len(who), "me": one.world.bot.id in who, "me_burst": False,
            "count_details": {"normal": len(who), "burst": 0}, "burst_colors": [],
        }
        for emoji, who in users.items()
    ]  # fmt: skip


def sent(one: Message) -> JSON:
    """Show a message as the gateway does: with where it is and who wrote it.

    An ephemeral one comes without its guild, as if it were in a direct conversation.
    """
    shown = message(one)
    place = one.channel.guild
    if place is None or one.ephemeral:
        return shown | {"channel_type": one.channel.type}
    shown |= {"guild_id": str(place.id), "channel_type": one.channel.type}
    if one.author.id in place.members and not one.interaction:
        shown["member"] = member(place.members[one.author.id], with_user=False)
    for mentioned in shown["mentions"]:
        mentioned["member"] = member(place.members[int(mentioned["id"])], with_user=False)
    return shown


def hidden(shown: JSON, me: User, direct: bool) -> JSON:
    """Take out what a bot without the message content intent does not see, in what the message replies to as well."""
    reference = shown.get("referenced_message")
    if reference:
        shown = shown | {"referenced_message": hidden(reference, me, direct)}
    mentioned = any(found["id"] == str(me.id) for found in shown["mentions"])
    if direct or mentioned or shown["author"]["id"] == str(me.id):
        return shown
    return shown | {"content": "", "embeds": [], "attachments": [], "components": []}


def interaction(one: Interaction) -> JSON:
    """Show an interaction as INTERACTION_CREATE does."""
    world, place, where = one.world, one.channel.guild, one.channel
    shown: JSON = {
        "id": str(one.id), "application_id": str(world.application_id), "type": int(one.type), "token": one.token,
        "version": 1, "data": one.data, "channel_id": str(where.id), "channel": channel(where, world.bot),
        "app_permissions": bits(where.permissions(world.bot)), "locale": "en-US", "entitlements": [],
        "authorizing_integration_owners": owners(where), "context": 0 if place else 1,
        "attachment_size_limit": LIMIT_OF_FILES,
    }  # fmt: skip
    if place:
        permissions = where.permissions(one.user)
        shown["channel"]["permissions"] = bits(permissions)
        shown |= {
            "guild_id": str(place.id), "guild_locale": "en-US",
            "guild": {"id": str(place.id), "locale": "en-US", "features": []},
            "member": member(place.members[one.user.id], permissions),
        }  # fmt: skip
    else:
        shown["user"] = user(one.user)
    if one.message:
        shown["message"] = message(one.message)
    return shown


def resolved(
    *, users: Iterable[User], channels: Iterable[Channel], roles: Iterable[Role], messages: Iterable[Message],
    files: Iterable[Attachment], asker: User, place: Guild | None, me: User,
) -> JSON:  # fmt: skip
    """Show what the values of an interaction refer to."""
    people = list(users)
    shown = {
        "channels": {
            str(one.id): channel(one, me) | {"permissions": bits(one.permissions(asker))} for one in channels
        },
        "roles": {str(one.id): role(one, 1) for one in roles},
        "messages": {str(one.id): message(one) for one in messages},
        "attachments": {str(one.id): attachment(one, ephemeral=True) for one in files},
        "users": {str(one.id): user(one) for one in people},
        "members": {
            str(one.id): member(place.members[one.id], place.permissions(one), with_user=False)
            for one in people if place and one.id in place.members
        },
    }  # fmt: skip
    return {kind: found for kind, found in shown.items() if found}


def application(world: World) -> JSON:
    """Show the application."""
    return {
        "id": str(world.application_id), "name": world.bot.name, "icon": None, "description": "", "summary": "",
        "type": None, "bot": user(world.bot), "bot_public": True, "bot_require_code_grant": False, "flags": 0,
        "verify_key": "0" * 64, "hook": True, "is_monetized": False, "is_verified": False, "is_discoverable": False,
        "owner": user(next((one for one in world.users.values() if not one.bot), world.bot)), "team": None,
        "approximate_guild_count": len(world.guilds), "approximate_user_install_count": 0, "redirect_uris": [],
        "interactions_endpoint_url": None, "role_connections_verification_url": None, "integration_types_config": {},
    }  # fmt: skip

"""A body as a bot sends it in, the message's next version out, or Refused with what is wrong with it."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from tests.discord_server import mentions, reading
from tests.discord_server.limits import NONCE, check_message
from tests.discord_server.reading import text_of, walk
from tests.discord_server.refusal import Form, Refused
from tests.discord_server.state import Attachment, Channel, Flag, Message, User, Version, World

JSON = dict[str, Any]
SETTABLE = Flag.SUPPRESS_EMBEDS | Flag.SUPPRESS_NOTIFICATIONS | Flag.COMPONENTS_V2
FILE_LIMIT = 10 * 1024 * 1024  # bytes; Discord, without boosts


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way."""

    filename: str
    content: bytes


def stored(world: World, channel: Channel, upload: Upload, description: str | None = None) -> Attachment:
    """Keep a file where the CDN serves it."""
    number = world.new_id()
    url = f"{world.url}/attachments/{channel.id}/{number}/{upload.filename}"
    kind = mimetypes.guess_type(upload.filename)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    world.files[number] = Attachment(number, upload.filename, upload.content, kind, url, description)
    return world.files[number]


def composed(
    world: World, channel: Channel, author: User, body: JSON, files: Mapping[int, Upload] = {}, *,
    before: Version | None = None, reply_to: Message | None = None, may_hide: bool = False, at: tuple[str, ...] = (),
) -> Version:  # fmt: skip
    """Compose what a message shows from what was sent; `before` is the version that is edited.

    Only an interaction's answer may be ephemeral (`may_hide`). `at` is where in the request the message is.
    """
    mentions.check_allowed(body.get("allowed_mentions"), at)
    previous = before or Version(world.now())
    flags = _flags(body, before, may_hide, at)
    content = (body["content"] or "").strip() if "content" in body else previous.content
    embeds = _embeds(body) if "embeds" in body else list(previous.embeds)
    components = deepcopy(body["components"] or []) if "components" in body else list(previous.components)
    described = _attachments(world, channel, body, files, previous, at)
    names = {name for _, name in described}
    v2 = Flag.COMPONENTS_V2 in flags
    check_message(content, embeds, components, names, v2, at)
    kept = [make() for make, _ in described]
    with_ids(components)
    _point_to_files(embeds, components, {file.filename: file.url for file in kept})
    text = text_of("", (), components) if v2 else content
    pings = mentions.pings_of(text, body.get("allowed_mentions"), author, channel, reply_to)
    return Version(
        world.now(), content, tuple(embeds), tuple(components), tuple(kept), flags, pings, body.get("allowed_mentions")
    )


def _flags(body: JSON, before: Version | None, may_hide: bool, at: tuple[str, ...]) -> Flag:
    asked = Flag(body.get("flags") or 0)
    if before is None:
        return asked & (SETTABLE | Flag.EPHEMERAL if may_hide else SETTABLE)
    was_v2 = Flag.COMPONENTS_V2 in before.flags
    if was_v2 and body.get("flags") is not None and Flag.COMPONENTS_V2 not in asked:
        form = Form()
        form.fault((*at, "flags"), "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "IS_COMPONENTS_V2 cannot be removed")
        form.check()
    chosen = asked if body.get("flags") is not None else before.flags
    return chosen & SETTABLE | before.flags & Flag.EPHEMERAL


def _embeds(body: JSON) -> list[JSON]:
    embeds: list[JSON] = deepcopy(body["embeds"] or [])
    for embed in embeds:
        embed["type"] = "rich"
    return embeds


def _attachments(
    world: World, channel: Channel, body: JSON, files: Mapping[int, Upload], previous: Version, at: tuple[str, ...]
) -> list[tuple[Callable[[], Attachment], str]]:
    """Say for each file of the message its name, and how to get it: new ones are kept only once all is checked."""
    form = Form()
    listed: Sequence[JSON] | None = body.get("attachments")
    if listed is None:
        kept = [(_given(file), file.filename) for file in previous.attachments]
        return kept + [(_new(world, channel, upload), upload.filename) for upload in files.values()]
    found = []
    earlier = {file.id: file for file in previous.attachments}
    for index, entry in enumerate(listed):
        number = int(entry["id"])
        form.text((*at, "attachments", index, "description"), entry.get("description"), 1024)
        if number in files:
            upload = Upload(entry.get("filename") or files[number].filename, files[number].content)
            found.append((_new(world, channel, upload, entry.get("description")), upload.filename))
        elif number in earlier:
            found.append((_given(earlier[number]), earlier[number].filename))
        else:
            form.fault((*at, "attachments", index, "id"), "ATTACHMENT_NOT_FOUND", "Attachment data not found")
    form.check()
    if any(len(upload.content) > FILE_LIMIT for upload in files.values()):
        raise Refused(413, 40005, "Request entity too large")
    return found


def _given(file: Attachment) -> Callable[[], Attachment]:
    return lambda: file


def _new(world: World, channel: Channel, upload: Upload, description: str | None = None) -> Callable[[], Attachment]:
    return lambda: stored(world, channel, upload, description)


def with_ids(components: list[JSON]) -> None:
    """Give every component that has none an id that no other has."""
    taken = {component["id"] for component in walk(components) if component.get("id")}
    free = (number for number in range(1, 2**31) if number not in taken)
    for component in walk(components):
        if not component.get("id"):
            component["id"] = next(free)


def _point_to_files(embeds: list[JSON], components: list[JSON], urls: Mapping[str, str]) -> None:
    for holder in _holders(embeds, components):
        name = str(holder.get("url", ""))
        if name.startswith("attachment://"):
            holder["url"] = holder["proxy_url"] = urls.get(name.removeprefix("attachment://"), name)


def _holders(embeds: list[JSON], components: list[JSON]) -> Iterator[JSON]:
    for embed in embeds:
        yield from (embed[name] for name in ("image", "thumbnail") if embed.get(name))
    for component in walk(components):
        if component["type"] == reading.FILE:
            yield component["file"]
        elif component["type"] == reading.THUMBNAIL:
            yield component["media"]
        elif component["type"] == reading.MEDIA_GALLERY:
            yield from (item["media"] for item in component["items"])


def checked_nonce(body: JSON) -> str | None:
    """Read a nonce. Raises Refused when it is too long."""
    nonce = body.get("nonce")
    if nonce is None:
        return None
    form = Form()
    form.text(("nonce",), str(nonce), NONCE)
    form.check()
    return str(nonce)

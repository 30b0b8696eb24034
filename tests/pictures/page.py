"""Message and modal payloads of Discord's REST API in, one page out that shows them as Discord's dark theme does.

The page needs nothing from elsewhere: no network, no script, and of fonts those that the system has.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tests.pictures.components import Payload, attached, components, icon
from tests.pictures.element import Html, element, together
from tests.pictures.markdown import EPOCH, Reader, blocks, inline

EPHEMERAL, LOADING, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 15  # Discord, message flags
AVATARS = ("#5865f2", "#3ba55d", "#d9692b", "#c0447a", "#757e8a")
STYLE = Html(Path(__file__).with_name("discord.css").read_text(encoding="utf-8"))

EYE = "M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12zM12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6"
CROSS = "M5 5l14 14M19 5L5 19"


def page(payloads: Sequence[Payload], app: str = "Dateline") -> str:
    """Show payloads one below the other; one with a title is a modal of the app, any other a message."""
    shown = (modal(payload, app) if "title" in payload else message(payload) for payload in payloads)
    head = f'<meta charset="utf-8"/>{element("title", app)}{element("style", STYLE)}'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>{element("body", *shown)}</html>\n'


def message(payload: Payload) -> Html:
    """Show a message: what it answers, who wrote it and when, what it says, and who can see it."""
    reader = reader_of(payload)
    private = bool(payload.get("flags", 0) & EPHEMERAL)
    return element(
        "article.message" + ".private" * private,
        above(payload),
        avatar(payload["author"], "large"),
        element("div.said", header(payload), *body(payload, reader), only_you() if private else ""),
    )


def reader_of(payload: Payload) -> Reader:
    """Take the time and the names that a client would know from the message itself."""
    names = {user["id"]: name(user) for user in payload.get("mentions", ())}
    stamp = payload.get("timestamp")
    return Reader(datetime.fromisoformat(stamp) if stamp else EPOCH, names)


def name(user: Payload) -> str:
    return str(user.get("global_name") or user["username"])


def avatar(user: Payload, size: str) -> Html:
    """Draw a user's initial on one of a few colours; the real picture is on Discord's servers."""
    shown = name(user)
    return element(f"span.avatar.{size}", shown[:1].upper(), style=f"--colour: {AVATARS[sum(map(ord, shown)) % 5]}")


def above(payload: Payload) -> Html:
    """Show the small line above a message: the command or the message that it answers."""
    command, answered = payload.get("interaction"), payload.get("referenced_message")
    if command:
        used = (named(command["user"]), element("span", "used"), element("span.command", f"/{command['name']}"))
        return element("div.above", element("i.spine"), *used)
    if answered:
        gist = element("span.gist", inline(gist_of(answered), reader_of(answered)))
        return element("div.above", element("i.spine"), named(answered["author"]), gist)
    return Html()


def named(user: Payload) -> Html:
    """Show who is meant in the small line above a message."""
    return together([avatar(user, "small"), tag(user), element("span.who", name(user))])


def gist_of(payload: Payload) -> str:
    return str(payload.get("content") or "Click to see attachment").replace("\n", " ")


def tag(user: Payload) -> Html:
    return element("span.tag", "APP") if user.get("bot") else Html()


def header(payload: Payload) -> Html:
    author, stamp = payload["author"], payload.get("timestamp")
    when = element("time", f"{datetime.fromisoformat(stamp):%H:%M}") if stamp else ""
    return element("header", element("span.name", name(author)), tag(author), when)


def body(payload: Payload, reader: Reader) -> list[Html]:
    """Show what a message says. Of one with modern components only these are shown."""
    flags = payload.get("flags", 0)
    if flags & LOADING:
        return [element("div.thinking", element("span.dots", "●●●"), f"{name(payload['author'])} is thinking…")]
    parts = [components(payload.get("components", ()), reader)]
    if not flags & COMPONENTS_V2:
        files = (attached(file["filename"], file.get("size")) for file in payload.get("attachments", ()))
        embeds = (embed(one, reader) for one in payload.get("embeds", ()))
        parts = [element("div.text", blocks(payload.get("content", ""), reader)), *files, *embeds, *parts]
    edited = element("small.edited", "(edited)") if payload.get("edited_timestamp") else Html()
    return [element("div.body", *parts), edited]


def embed(payload: Payload, reader: Reader) -> Html:
    title = inline(payload.get("title", ""), reader)
    linked = element("a", title, href=payload["url"]) if payload.get("url") else title
    parts = {
        "author": payload.get("author", {}).get("name", ""),
        "title": linked,
        "text": blocks(payload.get("description", ""), reader),
        "fields": together(embed_field(field, reader) for field in payload.get("fields", ())),
        "footer": payload.get("footer", {}).get("text", ""),
    }
    inside = (element(f"div.{kind}", part) for kind, part in parts.items() if part)
    return element("div.container.accented.embed", *inside, style=f"--accent: #{payload.get('color') or 0x1E1F22:06x}")


def embed_field(field: Payload, reader: Reader) -> Html:
    text = element("div.text", blocks(field["value"], reader))
    return element("div" + ".inline" * bool(field.get("inline")), element("b", inline(field["name"], reader)), text)


def only_you() -> Html:
    return element("footer", icon(EYE), "Only you can see this • ", element("a", "Dismiss message"))


def modal(payload: Payload, app: str) -> Html:
    """Show a modal: its title, what there is to fill in, and the two buttons that Discord puts below."""
    top = element("header", avatar({"username": app}, "large"), element("h2", payload["title"]), icon(CROSS))
    warning = element("div.warning", f"This form will be submitted to {app}.")
    below = (element("span.button.secondary", "Cancel"), element("span.button.primary", "Submit"))
    fields = element("div.fields", warning, components(payload["components"], Reader(EPOCH)))
    return element("section.modal", top, fields, element("div.row", *below))

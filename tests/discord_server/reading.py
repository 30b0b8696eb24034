"""Payloads in, what a person sees of them out. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

ACTION_ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4  # Discord, component types
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT_DISPLAY, THUMBNAIL, MEDIA_GALLERY, FILE, SEPARATOR = 9, 10, 11, 12, 13, 14
CONTAINER, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 17, 18, 19, 21, 22, 23
SELECTS = {STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT}


def walk(components: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield components and all that they hold, in the order in which they are shown."""
    for component in components:
        yield component
        yield from walk(component.get("components") or ())
        yield from walk([component[key] for key in ("accessory", "component") if component.get(key)])


def text_of(content: str, embeds: Iterable[dict[str, Any]], components: Iterable[dict[str, Any]]) -> str:
    """Join all text of a message, a line for each piece; labels of buttons are not text."""
    pieces = [content, *(piece for embed in embeds for piece in _embed_texts(embed))]
    pieces += [component["content"] for component in walk(components) if component["type"] == TEXT_DISPLAY]
    return "\n".join(piece for piece in pieces if piece)


def _embed_texts(embed: dict[str, Any]) -> Iterator[str]:
    yield (embed.get("author") or {}).get("name", "")
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    for field in embed.get("fields") or ():
        yield field["name"]
        yield field["value"]
    yield (embed.get("footer") or {}).get("text", "")


def buttons_of(components: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Find the buttons, by label, or by emoji where there is none."""
    buttons = [component for component in walk(components) if component["type"] == BUTTON]
    return {button.get("label") or (button.get("emoji") or {}).get("name") or "": button for button in buttons}


def selects_of(components: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Find the select menus."""
    return [component for component in walk(components) if component["type"] in SELECTS]

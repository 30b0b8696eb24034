"""A card in, what discord.py sends out: a container of texts with an accent, and buttons under it."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import discord
from discord import ui

from bot.card import Block, Button, Card, Picture

PREFIX = "dateline"  # of every custom id; what follows is the action and its key
HEADING = re.compile(r"^### .*\n", re.MULTILINE)  # of ours: a text that is not would be escaped


def layout(card: Card) -> ui.LayoutView:
    """Lay a card out. discord.py is not to wait for its buttons: `pressed` reads them, also after a restart."""
    container: ui.Container[ui.LayoutView] = ui.Container(accent_color=card.colour.value)
    known: set[Block] = set()
    for text in card.texts:
        if text.block is Block.SOURCES and known:
            container.add_item(ui.Separator(spacing=discord.SeparatorSpacing.small))
        if text.block is Block.CLAIMS and card.picture and text.block not in known:
            container.add_item(gallery(card.picture))
        container.add_item(ui.TextDisplay(text.markdown, id=None if text.block in known else text.block.value))
        known.add(text.block)
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    if card.attachment:  # which Discord would not show otherwise
        view.add_item(ui.File(f"attachment://{card.attachment.name}"))
    for row in card.buttons:
        view.add_item(ui.ActionRow(*map(button, row)))
    view.stop()
    return view


def button(wanted: Button) -> ui.Button[Any]:
    return ui.Button(
        label=wanted.label or None,
        emoji=wanted.emoji or None,
        style=discord.ButtonStyle.secondary,
        custom_id=custom_id(wanted.action, wanted.key),
        disabled=wanted.disabled,
    )


def gallery(picture: Picture) -> ui.MediaGallery[Any]:
    item = discord.MediaGalleryItem(f"attachment://{picture.name}", description=picture.description or None)
    return ui.MediaGallery(item)


def files(card: Card) -> list[discord.File]:
    """Make the files of a card; one that has been sent cannot be sent again."""
    contents = {}
    if card.attachment:
        contents[card.attachment.name] = card.attachment.content.encode("utf-8", "replace")
    if card.picture:
        contents[card.picture.name] = card.picture.content
    return [discord.File(io.BytesIO(content), filename=name) for name, content in contents.items()]


def custom_id(action: str, key: str) -> str:
    """Name a button or a modal."""
    return f"{PREFIX}:{action}:{key}"


def pressed(interaction: discord.Interaction[Any]) -> tuple[str, str] | None:
    """Read the action and the key of the button or modal of an interaction; None if it is not ours."""
    data: Mapping[str, Any] = interaction.data or {}
    prefix, _, rest = str(data.get("custom_id", "")).partition(":")
    action, _, key = rest.partition(":")
    return (action, key) if prefix == PREFIX and action else None


def text_of(message: discord.Message, *blocks: Block) -> str:
    """Read texts of a message of ours back, as Discord keeps them, without headings that stand between their lines."""
    wanted = {block.value for block in blocks}
    return "\n".join(
        HEADING.sub("", item.content)
        for component in message.components
        for item in getattr(component, "children", ())
        if isinstance(item, discord.TextDisplay) and item.id in wanted
    )

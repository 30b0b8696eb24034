"""The nouns of what the bot sends: frozen values without any Discord in them, so that rendering stays pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, IntEnum

TEXT_LIMIT = 4000  # characters in all texts of a message with components (Discord, components reference)


class Block(IntEnum):
    """What a text of a message is. Discord keeps the number, so a message can be read again later.

    It numbers all that has no number from 1, so these are above the 40 components that a message can have.
    """

    HEADING = 101
    QUESTION = 102
    CLAIMS = 103
    SOURCES = 104
    NOTE = 105


class Colour(Enum):
    """The accent beside a message, by what kind of message it is."""

    ANSWERED = 0x3BA55D
    PARTLY = 0xE0A526
    DISAGREE = 0xD9692B
    MISSING = 0x80848E
    EXTRACT = 0x4F7CAC
    PLAIN = 0x5865F2
    PROBLEM = 0xDA373C


@dataclass(frozen=True, slots=True)
class Text:
    """Discord markdown, escaped where it is not ours."""

    block: Block
    markdown: str


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press. `action` and `key` come back when it is, also after a restart."""

    action: str
    key: str
    label: str = ""
    emoji: str = ""
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file that goes with a message."""

    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a message shows, with a description for those who cannot see it."""

    name: str
    content: bytes
    description: str


@dataclass(frozen=True, slots=True)
class Card:
    """One message: texts from top to bottom, an accent, rows of buttons below, a file, a picture above the claims."""

    texts: tuple[Text, ...]
    colour: Colour = Colour.PLAIN
    buttons: tuple[tuple[Button, ...], ...] = ()  # rows; a phone has room for two or three buttons in one
    attachment: Attachment | None = None
    picture: Picture | None = None

    def with_buttons(self, *rows: Sequence[Button]) -> Card:
        return replace(self, buttons=tuple(tuple(row) for row in rows if row))


def note(markdown: str, colour: Colour = Colour.PLAIN) -> Card:
    """Make a card of one text."""
    return Card((Text(Block.NOTE, markdown),), colour)

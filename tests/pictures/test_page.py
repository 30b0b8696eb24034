"""Payloads as a page: every kind of component, of message and of modal, and any text at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import discord
import pytest
from discord import ui
from hypothesis import given
from hypothesis import strategies as st

from tests.pictures.components import KINDS
from tests.pictures.page import COMPONENTS_V2, EPHEMERAL, LOADING, page

Json = dict[str, Any]
BOT = {"id": "1", "username": "Dateline", "global_name": None, "bot": True}
ALICE = {"id": "2", "username": "alice_4", "global_name": "Alice"}
REMOTE = {
    "src",
    "srcset",
    "poster",
    "data",
    "background",
    "xlink:href",
}  # attributes that a browser would follow unasked


def message(*components: Json, flags: int = 0, **fields: Any) -> Json:
    stamp = "2025-06-01T09:41:00.000000+00:00"
    return {"author": BOT, "timestamp": stamp, "flags": flags, "components": list(components), "content": "", **fields}


def modern(*components: Json, flags: int = 0, **fields: Any) -> Json:
    return message(*components, flags=flags | COMPONENTS_V2, **fields)


def laid_out(*items: ui.Item[Any]) -> list[Json]:
    """Write components as discord.py sends them."""
    view = ui.LayoutView()
    for item in items:
        view.add_item(item)
    payloads: list[Json] = view.to_components()  # type: ignore[no-untyped-call]
    return payloads


def asked(title: str, *fields: ui.Label[Any]) -> Json:
    """Write a modal as discord.py sends it."""
    modal = ui.Modal(title=title)
    for field in fields:
        modal.add_item(field)
    return modal.to_dict()


def shown(*payloads: Json) -> ElementTree.Element:
    """Parse the page, which fails unless it is well formed, and return its body."""
    body = ElementTree.fromstring(page(payloads)).find("body")
    assert body is not None
    return body


def texts(tree: ElementTree.Element, kind: str) -> list[str]:
    """List the texts of all elements of a class."""
    return ["".join(found.itertext()) for found in tree.iter() if kind in found.get("class", "").split()]


def classes(tree: ElementTree.Element, kind: str) -> list[str]:
    """List all classes of each element of a class."""
    return [classes for found in tree.iter() if kind in (classes := found.get("class", "")).split()]


def every_component() -> Iterator[ui.Item[Any]]:
    """Make one of each component that a message may have, with discord.py."""
    yield ui.TextDisplay("# A *title*")
    yield ui.Separator(spacing=discord.SeparatorSpacing.large)
    yield ui.Separator(visible=False)
    yield ui.Section("left", accessory=ui.Button(label="right"))
    yield ui.Section("left", accessory=ui.Thumbnail("https://a.example/b.png", description="a picture"))
    yield ui.MediaGallery(discord.MediaGalleryItem("https://a.example/b.png"))
    yield ui.File("attachment://answer.md")
    yield ui.ActionRow(*(ui.Button(label=style.name, style=style) for style in BUTTONS), LINK)
    for kind in (ui.UserSelect, ui.RoleSelect, ui.MentionableSelect, ui.ChannelSelect):
        yield ui.ActionRow(kind(placeholder=f"a {kind.__name__}"))
    options = [discord.SelectOption(label="chosen", default=True), discord.SelectOption(label="other")]
    yield ui.ActionRow(ui.Select(options=options, disabled=True))


BUTTONS = list(discord.ButtonStyle)[:4]
LINK: ui.Button[Any] = ui.Button(label="out", url="https://a.example")


def fields_of_words() -> Iterator[ui.Label[Any]]:
    """Make the fields of a modal that are written in, with discord.py."""
    yield ui.Label(text="words", description="a few", component=ui.TextInput(placeholder="such as these"))
    yield ui.Label(text="lines", component=ui.TextInput(style=discord.TextStyle.paragraph, default="so far"))


def fields_of_choices() -> Iterator[ui.Label[Any]]:
    """Make the fields of a modal in which something is chosen, with discord.py."""
    yield ui.Label(text="one", component=ui.RadioGroup(options=[discord.RadioGroupOption(label="yes", default=True)]))
    yield ui.Label(text="some", component=ui.CheckboxGroup(options=[discord.CheckboxGroupOption(label="this")]))
    yield ui.Label(text="agreed", component=ui.Checkbox(default=True))
    yield ui.Label(text="a file", component=ui.FileUpload(required=False))


def test_every_component_of_a_message_is_shown() -> None:
    tree = shown(modern(*laid_out(ui.Container(*every_component(), accent_color=0x3BA55D))))
    [container] = [found for found in tree.iter() if found.get("class") == "container accented"]
    assert container.get("style") == "--accent: #3ba55d"
    assert [found.text for found in tree.iter("h1")] == ["A "]
    assert classes(tree, "separator") == ["separator large divider", "separator small"]
    assert texts(tree, "section") == ["leftright", "left"]
    assert len(texts(tree, "thumbnail")) == 2
    assert texts(tree, "file") == ["answer.md"]
    assert [texts(tree, style) for style in ("primary", "secondary", "success", "danger", "link")] == [
        ["primary"], ["right", "secondary"], ["success"], ["danger"], ["out"],
    ]  # fmt: skip
    assert [len(list(found.iter("svg"))) for found in tree.iter("span") if "button" in found.get("class", "")] == [
        0
    ] * 5 + [1]
    assert texts(tree, "select")[-1] == texts(tree, "disabled")[0] == "chosen"
    assert texts(tree, "placeholder") == ["a UserSelect", "a RoleSelect", "a MentionableSelect", "a ChannelSelect"]


def test_every_field_of_a_modal_is_shown() -> None:
    tree = shown(asked("What is wrong?", *fields_of_words()), asked("And why?", *fields_of_choices()))
    assert [found.text for found in tree.iter("h2")] == ["What is wrong?", "And why?"]
    assert texts(tree, "label") == ["words *", "lines *", "one *", "some *", "agreed *", "a file"]
    assert texts(tree, "input") == ["such as these", "so far"]
    assert texts(tree, "choice") == ["yes", "this", ""]
    assert len(texts(tree, "chosen")) == 2
    assert texts(tree, "button") == ["Cancel", "Submit"] * 2


def test_a_kind_that_nobody_has_drawn_is_not_passed_over() -> None:
    with pytest.raises(KeyError, match="99"):
        page([modern({"type": 99})])


def test_every_kind_that_discord_py_knows_is_drawn() -> None:
    assert KINDS.keys() == {kind.value for kind in discord.ComponentType}


def test_a_plain_message_shows_its_text_files_embeds_and_buttons() -> None:
    embed = discord.Embed(title="T", url="https://a.example", description="*d*", colour=0x123456)
    embed.add_field(name="n", value="v", inline=True).set_footer(text="f").set_author(name="a")
    files = [{"id": "1", "filename": "answer.md", "size": 2048}]
    row = {"type": 1, "components": [{"type": 2, "style": 2, "emoji": {"id": None, "name": "👍"}, "custom_id": "x"}]}
    tree = shown(message(row, content="**b**", embeds=[embed.to_dict()], attachments=files))
    assert texts(tree, "body") == ["banswer.md2.00 KBaTdnvf👍"]
    assert texts(tree, "inline") == ["nv"]
    assert [found.get("href") for found in tree.iter("a")] == ["https://a.example"]


def test_the_modern_components_of_a_message_stand_alone() -> None:
    text = {"type": 10, "content": "said"}
    files = [{"id": "1", "filename": "answer.md", "size": 2048}]
    assert texts(shown(modern(text, content="not shown", attachments=files)), "body") == ["said"]


def test_a_message_shows_who_wrote_it_and_when() -> None:
    tree = shown(message(content="a"), {**message(content="b"), "author": ALICE})
    assert ["".join(found.itertext()) for found in tree.iter("header")] == ["DatelineAPP09:41", "Alice09:41"]


def test_an_answer_to_a_command_shows_who_used_it() -> None:
    used = {"id": "3", "type": 2, "name": "ask", "user": ALICE}
    assert texts(shown(message(content="a", interaction=used)), "above") == ["AAliceused/ask"]


def test_a_reply_shows_what_it_answers() -> None:
    asked = {**message(content="<@1> what\nwas it?", mentions=[BOT]), "author": ALICE}
    replies = (
        message(content="this", referenced_message=asked),
        message(content="?", referenced_message=modern({"type": 10, "content": "said"})),
        message(content="!", referenced_message=None),
    )
    assert texts(shown(*replies), "above") == ["AAlice@Dateline what was it?", "DAPPDatelineClick to see attachment"]


def test_only_a_private_message_says_that_nobody_else_sees_it() -> None:
    tree = shown(message(content="a"), message(content="b", flags=EPHEMERAL))
    assert len(texts(tree, "private")) == len(list(tree.iter("footer"))) == 1


def test_a_message_that_was_changed_says_so() -> None:
    tree = shown(message(content="a"), message(content="b", edited_timestamp="2025-06-01T10:00:00+00:00"))
    assert texts(tree, "said") == ["DatelineAPP09:41a", "DatelineAPP09:41b(edited)"]


def test_a_message_that_is_being_thought_about_says_so() -> None:
    assert texts(shown(message(flags=LOADING)), "thinking") == ["●●●Dateline is thinking…"]


def test_the_page_takes_nothing_from_elsewhere() -> None:
    written = page([modern(*laid_out(*every_component())), asked("What?", *fields_of_words())])
    assert "@import" not in written
    assert "url(" not in written
    tree = ElementTree.fromstring(written)
    assert {found.tag for found in tree.iter()} & {"script", "link", "img", "iframe", "object"} == set()
    assert {name for found in tree.iter() for name in found.attrib} & REMOTE == set()


@given(st.text(st.characters()))
def test_any_text_anywhere_gives_a_well_formed_page(text: str) -> None:
    author = {"id": "1", "username": text or "?"}
    button = {"type": 2, "style": 1, "label": text, "emoji": {"name": text}}
    everything: list[Json] = [
        message(content=text, author=author, embeds=[{"title": text, "description": text, "footer": {"text": text}}]),
        modern({"type": 17, "components": [{"type": 10, "content": text}, {"type": 1, "components": [button]}]}),
        message(content="", referenced_message=message(content=text), attachments=[{"filename": text}]),
        {"title": text, "custom_id": text, "components": [{"type": 4, "style": 2, "label": text, "value": text}]},
    ]
    assert len(shown(*everything)) == len(everything)

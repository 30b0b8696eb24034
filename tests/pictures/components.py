"""The components of a message or a modal in, HTML out: one function for each kind that Discord numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.pictures.element import Html, element, together
from tests.pictures.markdown import Reader, blocks

Payload = Mapping[str, Any]

BUTTON_STYLES = {1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link"}
LINK_BUTTON = 5
PARAGRAPH = 2  # the style of a text input of several lines
LARGE = 2  # the spacing of a separator

CHEVRON = "M5 9l7 7 7-7"
ARROW_OUT = "M14 4h6v6M20 4l-9 9M17 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1h5"
SHEET = (
    "M6 2.5h8l4.5 4.5v13a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 20V4A1.5 1.5 0 0 1 6 2.5zM14 2.5V7h4.5M8 12h8M8 16h8"
)
PICTURE = "M4 5h16v14H4zM4 17l5-5 4 4 3-3 4 4"


def components(payloads: Sequence[Payload], reader: Reader) -> Html:
    """Render components from top to bottom. Raises KeyError for a kind that nobody has drawn yet."""
    return together(KINDS[payload["type"]](payload, reader) for payload in payloads)


def icon(path: str) -> Html:
    return element("svg.icon", element("path", d=path), viewBox="0 0 24 24")


def emoji(payload: Payload | None) -> Html:
    """Render the emoji of a button or an option; one of a server's own by its name, as its picture is far away."""
    if not payload:
        return Html()
    return element("span.emoji", f":{payload['name']}:" if payload.get("id") else payload["name"])


def action_row(row: Payload, reader: Reader) -> Html:
    return element("div.row", components(row["components"], reader))


def button(payload: Payload, reader: Reader) -> Html:
    look = f"span.button.{BUTTON_STYLES[payload['style']]}" + ".disabled" * bool(payload.get("disabled"))
    label = element("span", payload["label"]) if payload.get("label") else ""
    return element(look, emoji(payload.get("emoji")), label, icon(ARROW_OUT) if payload["style"] == LINK_BUTTON else "")


def select(payload: Payload, reader: Reader) -> Html:
    chosen = ", ".join(option["label"] for option in payload.get("options", ()) if option.get("default"))
    shown = element("span", chosen) if chosen else element("span.placeholder", payload.get("placeholder") or "Select")
    return element("div.select" + ".disabled" * bool(payload.get("disabled")), shown, icon(CHEVRON))


def text_input(payload: Payload, reader: Reader) -> Html:
    lines = "paragraph" if payload["style"] == PARAGRAPH else "short"
    value = payload.get("value")
    shown = element("span", value) if value else element("span.placeholder", payload.get("placeholder") or "")
    return labelled(payload, element(f"div.input.{lines}", shown))


def text_display(payload: Payload, reader: Reader) -> Html:
    return element("div.text", blocks(payload["content"], reader))


def section(payload: Payload, reader: Reader) -> Html:
    texts = element("div.texts", components(payload["components"], reader))
    return element("div.section", texts, components([payload["accessory"]], reader))


def thumbnail(payload: Payload, reader: Reader) -> Html:
    return element("div.thumbnail", icon(PICTURE), title=payload.get("description") or "")


def media_gallery(payload: Payload, reader: Reader) -> Html:
    return element("div.gallery", *(picture(item, reader) for item in payload["items"]))


def picture(payload: Payload, reader: Reader) -> Html:
    """Show a picture that the payload brings along; one that is far away only as its place."""
    url = payload["media"]["url"]
    if not url.startswith("data:image/"):
        return thumbnail(payload, reader)
    return element("img.picture", src=url, alt=payload.get("description") or "")


def file(payload: Payload, reader: Reader) -> Html:
    return attached(payload.get("name") or payload["file"]["url"].rpartition("/")[2], payload.get("size"))


def attached(name: str, size: int | None) -> Html:
    """Render a file by its name and, if known, its size in bytes."""
    size_line = element("div.size", size_in_words(size)) if size is not None else ""
    return element("div.file", icon(SHEET), element("div", element("div.name", name), size_line))


def size_in_words(size: int) -> str:
    return f"{size} bytes" if size < 1024 else f"{size / 1024:.2f} KB" if size < 1024**2 else f"{size / 1024**2:.2f} MB"


def separator(payload: Payload, reader: Reader) -> Html:
    spacing = "large" if payload.get("spacing") == LARGE else "small"
    return element(f"div.separator.{spacing}" + ".divider" * (payload.get("divider") is not False))


def container(payload: Payload, reader: Reader) -> Html:
    inside = components(payload["components"], reader)
    colour = payload.get("accent_color")
    if colour is None:
        return element("div.container", inside)
    return element("div.container.accented", inside, style=f"--accent: #{colour:06x}")


def label(payload: Payload, reader: Reader) -> Html:
    return labelled(payload, components([payload["component"]], reader), payload["component"].get("required", True))


def labelled(payload: Payload, inside: Html, required: bool = False) -> Html:
    """Put a label and a description above something to fill in."""
    if not payload.get("label"):
        return inside
    star = element("span.required", " *") if required else ""
    description = element("div.description", payload["description"]) if payload.get("description") else ""
    return element("div.field", element("div.label", payload["label"], star), description, inside)


def choices(mark: str) -> Callable[[Payload, Reader], Html]:
    """Render a group of options, each with a mark of this shape that is filled if it is chosen."""

    def group(payload: Payload, reader: Reader) -> Html:
        return element("div.choices", *(choice(mark, option) for option in payload["options"]))

    return group


def choice(mark: str, option: Payload) -> Html:
    description = element("div.description", option["description"]) if option.get("description") else ""
    box = element(f"span.mark.{mark}" + ".chosen" * bool(option.get("default")))
    return element("div.choice", box, element("div", option["label"], description))


def checkbox(payload: Payload, reader: Reader) -> Html:
    return element("div.choice", element("span.mark.box" + ".chosen" * bool(payload.get("default"))))


def file_upload(payload: Payload, reader: Reader) -> Html:
    return element("div.upload", icon(SHEET), "Drop file here or browse")


KINDS: Mapping[int, Callable[[Payload, Reader], Html]] = {
    1: action_row,
    2: button,
    3: select,
    4: text_input,
    5: select,
    6: select,
    7: select,
    8: select,
    9: section,
    10: text_display,
    11: thumbnail,
    12: media_gallery,
    13: file,
    14: separator,
    17: container,
    18: label,
    19: file_upload,
    21: choices("circle"),
    22: choices("box"),
    23: checkbox,
}

"""A message or modal as a bot sends it in, what Discord finds wrong with it out. The limits are documented ones."""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any
from urllib.parse import urlsplit

from tests.discord_server import reading
from tests.discord_server.reading import walk
from tests.discord_server.refusal import Form, Refused

JSON = dict[str, Any]
Path = tuple[str | int, ...]

CONTENT = 2000
EMBEDS, EMBED_TOTAL, FIELDS = 10, 6000, 25
ROWS, IN_A_ROW, OPTIONS = 5, 5, 25
COMPONENTS_V2, TEXT_V2 = 40, 4000  # in all, nested ones too
CUSTOM_ID, LABEL, PLACEHOLDER, URL = 100, 80, 150, 2048
FILES = 10
NONCE = 25
CHOICES = 25

TOP_V2 = {
    reading.ACTION_ROW, reading.SECTION, reading.TEXT_DISPLAY, reading.MEDIA_GALLERY, reading.FILE,
    reading.SEPARATOR, reading.CONTAINER,
}  # fmt: skip
IN_CONTAINER = TOP_V2 - {reading.CONTAINER}
IN_LABEL = reading.SELECTS | {
    reading.TEXT_INPUT, reading.FILE_UPLOAD, reading.RADIO_GROUP, reading.CHECKBOX_GROUP, reading.CHECKBOX,
}  # fmt: skip


def check_message(
    content: str, embeds: list[JSON], components: list[JSON], filenames: Set[str], v2: bool, at: Path = ()
) -> None:
    """Raise Refused for what is wrong with a whole message, as it would stand; `at` is where it is in the body."""
    form = Form()
    if v2:
        _check_v2(form, content, embeds, components, at)
    else:
        _check_legacy(form, content, embeds, components, at)
    _check_components(form, (*at, "components"), components, filenames)
    form.count((*at, "attachments"), len(filenames), FILES)
    form.check()
    if not (content or embeds or components or filenames):
        raise Refused(400, 50006, "Cannot send an empty message")


def _check_v2(form: Form, content: str, embeds: list[JSON], components: list[JSON], at: Path) -> None:
    for name, value in {"content": content, "embeds": embeds}.items():
        if value:
            form.fault(
                (*at, name),
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{name}' field cannot be used with MessageFlags.IS_COMPONENTS_V2.",
            )
    everything = list(walk(components))
    form.count((*at, "components"), len(everything), COMPONENTS_V2, 1)
    texts = [component for component in everything if component.get("type") == reading.TEXT_DISPLAY]
    if sum(len(str(text.get("content", ""))) for text in texts) > TEXT_V2:
        form.fault(
            (*at, "components"),
            "COMPONENT_MAX_TOTAL_TEXT_LENGTH_EXCEEDED",
            f"The text of all components exceeds {TEXT_V2} characters.",
        )
    for index, component in enumerate(components):
        if component.get("type") not in TOP_V2:
            form.choice((*at, "components", index, "type"), component.get("type"), sorted(TOP_V2))


def _check_legacy(form: Form, content: str, embeds: list[JSON], components: list[JSON], at: Path) -> None:
    form.text((*at, "content"), content, CONTENT)
    form.count((*at, "embeds"), len(embeds), EMBEDS)
    for index, embed in enumerate(embeds):
        check_embed(form, (*at, "embeds", index), embed)
    if sum(map(embed_length, embeds)) > EMBED_TOTAL:
        form.fault((*at, "embeds"), "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {EMBED_TOTAL}")
    form.count((*at, "components"), len(components), ROWS)
    for index, component in enumerate(components):
        if component.get("type") != reading.ACTION_ROW:
            form.choice((*at, "components", index, "type"), component.get("type"), (reading.ACTION_ROW,))


def check_embed(form: Form, at: Path, embed: JSON) -> None:
    """Note what is wrong with an embed."""
    form.text((*at, "title"), embed.get("title"), 256)
    form.text((*at, "description"), embed.get("description"), 4096)
    form.number((*at, "color"), embed.get("color"), 0, 0xFFFFFF)
    form.text((*at, "footer", "text"), (embed.get("footer") or {}).get("text"), 2048)
    form.text((*at, "author", "name"), (embed.get("author") or {}).get("name"), 256)
    fields = embed.get("fields") or []
    form.count((*at, "fields"), len(fields), FIELDS)
    for index, field in enumerate(fields):
        form.text((*at, "fields", index, "name"), (field.get("name") or "").strip(), 256, required=True)
        form.text((*at, "fields", index, "value"), (field.get("value") or "").strip(), 1024, required=True)
    for name in ("url", "author", "image", "thumbnail"):
        url = embed.get(name) if name == "url" else (embed.get(name) or {}).get("url")
        if url:
            schemes = {"http", "https"} if name in ("url", "author") else {"http", "https", "attachment"}
            _check_url(form, (*at, name) if name == "url" else (*at, name, "url"), url, schemes)
    shown = ("title", "description", "fields", "footer", "author", "image", "thumbnail", "url", "timestamp")
    if not any(embed.get(name) for name in shown):
        form.fault((*at, "description"), "BASE_TYPE_REQUIRED", "This field is required")


def embed_length(embed: JSON) -> int:
    """Count the characters of an embed that count."""
    parts = [embed.get("title"), embed.get("description"), (embed.get("footer") or {}).get("text")]
    parts += [(embed.get("author") or {}).get("name")]
    parts += [field.get(name) for field in embed.get("fields") or () for name in ("name", "value")]
    return sum(len(part) for part in parts if isinstance(part, str))


def _check_url(form: Form, at: Path, url: object, schemes: Iterable[str], most: int = URL) -> None:
    form.text(at, url, most)
    if not isinstance(url, str):
        return
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        form.fault(at, "URL_TYPE_INVALID_URL", "Not a well formed URL.")
        return
    if parts.scheme not in schemes:
        allowed = ", ".join(sorted(schemes))
        form.fault(at, "URL_TYPE_INVALID_SCHEME", f"Scheme {parts.scheme!r} is not supported, only: {allowed}.")
        return
    without_domain = parts.scheme in ("http", "https") and "." not in (parts.hostname or "")
    if not parts.hostname or without_domain or any(map(str.isspace, url)):
        form.fault(at, "URL_TYPE_INVALID_URL", "Not a well formed URL.")


def _check_components(form: Form, at: Path, components: list[JSON], filenames: Set[str]) -> None:
    for index, component in enumerate(components):
        _check_component(form, (*at, index), component, filenames)
    _check_distinct(form, at, components)


def _check_distinct(form: Form, at: Path, components: list[JSON]) -> None:
    for key, code in (("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"), ("id", "COMPONENT_ID_DUPLICATED")):
        values = [component[key] for component in walk(components) if component.get(key)]
        if len(values) > len(set(values)):
            form.fault(at, code, f"Component {key} cannot be duplicated")


def _check_component(form: Form, at: Path, component: JSON, filenames: Set[str]) -> None:
    form.number((*at, "id"), component.get("id"), 0, 2**31 - 1)
    kind = component.get("type")
    if kind == reading.ACTION_ROW:
        _check_row(form, at, component)
    elif kind == reading.CONTAINER:
        _check_container(form, at, component, filenames)
    elif kind == reading.SECTION:
        _check_section(form, at, component, filenames)
    elif kind == reading.TEXT_DISPLAY:
        form.text((*at, "content"), component.get("content"), TEXT_V2, 1, required=True)
    elif kind == reading.MEDIA_GALLERY:
        items = component.get("items") or []
        form.count((*at, "items"), len(items), 10, 1)
        for index, item in enumerate(items):
            _check_media(form, (*at, "items", index), item, "media", filenames)
    elif kind == reading.THUMBNAIL:
        _check_media(form, at, component, "media", filenames)
    elif kind == reading.FILE:
        _check_media(form, at, component, "file", filenames)
    elif kind == reading.SEPARATOR:
        form.number((*at, "spacing"), component.get("spacing"), 1, 2)


def _check_row(form: Form, at: Path, row: JSON) -> None:
    children = row.get("components") or []
    form.count((*at, "components"), len(children), IN_A_ROW, 1)
    selects = [child for child in children if child.get("type") in reading.SELECTS]
    if selects and len(children) > 1:
        form.fault((*at, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select menu fills a row")
    for index, child in enumerate(children):
        place = (*at, "components", index)
        if child.get("type") == reading.BUTTON:
            _check_button(form, place, child)
        elif child.get("type") in reading.SELECTS:
            _check_select(form, place, child)
        else:
            form.choice((*place, "type"), child.get("type"), (reading.BUTTON, *sorted(reading.SELECTS)))


def _check_button(form: Form, at: Path, button: JSON) -> None:
    form.text((*at, "label"), button.get("label"), LABEL)
    style = button.get("style")
    if style not in range(1, 7):
        form.choice((*at, "style"), style, (1, 2, 3, 4, 5, 6))
    if style == 5:
        _check_url(form, (*at, "url"), button.get("url") or "", {"http", "https", "discord"}, most=512)
        if button.get("custom_id"):
            form.fault((*at, "custom_id"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "A link has no id")
    elif style != 6:
        form.text((*at, "custom_id"), button.get("custom_id"), CUSTOM_ID, 1, required=True)
        if button.get("url"):
            form.fault((*at, "url"), "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", "Only a link has a url")
    if style != 6 and not (button.get("label") or button.get("emoji")):
        form.fault(at, "BUTTON_COMPONENT_INVALID_LABEL", "A button needs a label or an emoji")


def _check_select(form: Form, at: Path, select: JSON) -> None:
    form.text((*at, "custom_id"), select.get("custom_id"), CUSTOM_ID, 1, required=True)
    form.text((*at, "placeholder"), select.get("placeholder"), PLACEHOLDER)
    form.number((*at, "min_values"), select.get("min_values"), 0, 25)
    form.number((*at, "max_values"), select.get("max_values"), 1, 25)
    if select["type"] == reading.STRING_SELECT:
        most = select.get("max_values")
        _check_options(form, (*at, "options"), select.get("options") or [], OPTIONS, 1 if most is None else most)


def _check_options(form: Form, at: Path, options: list[JSON], most: int, chosen: int, least: int = 1) -> None:
    form.count(at, len(options), most, least)
    for index, option in enumerate(options):
        form.text((*at, index, "label"), option.get("label"), 100, 1, required=True)
        form.text((*at, index, "value"), option.get("value"), 100, 1, required=True)
        form.text((*at, index, "description"), option.get("description"), 100)
    if len({option.get("value") for option in options}) < len(options):
        form.fault(at, "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used")
    if sum(bool(option.get("default")) for option in options) > chosen:
        form.fault(at, "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", "More defaults than can be chosen")


def _check_container(form: Form, at: Path, container: JSON, filenames: Set[str]) -> None:
    form.number((*at, "accent_color"), container.get("accent_color"), 0, 0xFFFFFF)
    children = container.get("components") or []
    form.count((*at, "components"), len(children), COMPONENTS_V2, 1)
    for index, child in enumerate(children):
        place = (*at, "components", index)
        if child.get("type") not in IN_CONTAINER:
            form.choice((*place, "type"), child.get("type"), sorted(IN_CONTAINER))
        _check_component(form, place, child, filenames)


def _check_section(form: Form, at: Path, section: JSON, filenames: Set[str]) -> None:
    children = section.get("components") or []
    form.count((*at, "components"), len(children), 3, 1)
    for index, child in enumerate(children):
        place = (*at, "components", index)
        if child.get("type") != reading.TEXT_DISPLAY:
            form.choice((*place, "type"), child.get("type"), (reading.TEXT_DISPLAY,))
        _check_component(form, place, child, filenames)
    accessory = section.get("accessory") or {}
    place = (*at, "accessory")
    if accessory.get("type") == reading.BUTTON:
        _check_button(form, place, accessory)
    elif accessory.get("type") == reading.THUMBNAIL:
        _check_component(form, place, accessory, filenames)
    else:
        form.fault(place, "BASE_TYPE_REQUIRED", "This field is required")


def _check_media(form: Form, at: Path, holder: JSON, key: str, filenames: Set[str]) -> None:
    form.text((*at, "description"), holder.get("description"), 1024, 1)
    url = (holder.get(key) or {}).get("url") or ""
    schemes = {"attachment"} if key == "file" else {"http", "https", "attachment"}
    if url.startswith("attachment://"):
        if url.removeprefix("attachment://") not in filenames:
            form.fault(
                (*at, key, "url"),
                "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                f"The referenced attachment {url!r} was not found",
            )
    else:
        _check_url(form, (*at, key, "url"), url, schemes)


def check_modal(modal: JSON) -> None:
    """Raise Refused for what is wrong with a modal."""
    form = Form()
    form.text(("data", "title"), modal.get("title"), 45, 1, required=True)
    form.text(("data", "custom_id"), modal.get("custom_id"), CUSTOM_ID, 1, required=True)
    components = modal.get("components") or []
    form.count(("data", "components"), len(components), 5, 1)
    for index, component in enumerate(components):
        _check_in_modal(form, ("data", "components", index), component)
    _check_distinct(form, ("data", "components"), components)
    form.check()


def _check_in_modal(form: Form, at: Path, component: JSON) -> None:
    kind = component.get("type")
    if kind == reading.ACTION_ROW:
        children = component.get("components") or []
        form.count((*at, "components"), len(children), 1, 1)
        for index, child in enumerate(children):
            form.text((*at, "components", index, "label"), child.get("label"), 45, 1, required=True)
            _check_field(form, (*at, "components", index), child, {reading.TEXT_INPUT})
    elif kind == reading.LABEL:
        form.text((*at, "label"), component.get("label"), 45, 1, required=True)
        form.text((*at, "description"), component.get("description"), 100, 1)
        field = component.get("component") or {}
        if field.get("label"):
            form.fault((*at, "component", "label"), "BASE_TYPE_FORBIDDEN", "A label's component has none of its own")
        _check_field(form, (*at, "component"), field, IN_LABEL)
    elif kind == reading.TEXT_DISPLAY:
        form.text((*at, "content"), component.get("content"), TEXT_V2, 1, required=True)
    else:
        form.choice((*at, "type"), kind, (reading.ACTION_ROW, reading.TEXT_DISPLAY, reading.LABEL))


def _check_field(form: Form, at: Path, field: JSON, kinds: Set[int]) -> None:
    kind = field.get("type")
    if kind not in kinds:
        form.choice((*at, "type"), kind, sorted(kinds))
    form.text((*at, "custom_id"), field.get("custom_id"), CUSTOM_ID, 1, required=True)
    if kind == reading.TEXT_INPUT:
        _check_text_input(form, at, field)
    elif kind in reading.SELECTS:
        _check_select(form, at, field)
    elif kind in (reading.RADIO_GROUP, reading.CHECKBOX_GROUP):
        radio = kind == reading.RADIO_GROUP
        _check_options(form, (*at, "options"), field.get("options") or [], 10, 1 if radio else 10, 2 if radio else 1)


def _check_text_input(form: Form, at: Path, field: JSON) -> None:
    if field.get("style") not in (1, 2):
        form.choice((*at, "style"), field.get("style"), (1, 2))
    form.text((*at, "placeholder"), field.get("placeholder"), 100)
    form.number((*at, "min_length"), field.get("min_length"), 0, 4000)
    form.number((*at, "max_length"), field.get("max_length"), 1, 4000)
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    if least > most:
        form.fault((*at, "min_length"), "TEXT_INPUT_LENGTHS", "min_length is more than max_length")
    form.text((*at, "value"), field.get("value"), most)


def check_choices(choices: list[JSON]) -> None:
    """Raise Refused for what is wrong with the choices offered for an option."""
    form = Form()
    form.count(("data", "choices"), len(choices), CHOICES)
    for index, choice in enumerate(choices):
        place: Path = ("data", "choices", index)
        form.text((*place, "name"), choice.get("name"), 100, 1, required=True)
        if isinstance(choice.get("value"), str):
            form.text((*place, "value"), choice["value"], 100)
    form.check()

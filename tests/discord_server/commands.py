"""Application commands: what Discord finds wrong with them when they are registered, and what they get when called."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from tests.discord_server.refusal import Form

JSON = dict[str, Any]
Path = tuple[str | int, ...]

CHAT, USER, MESSAGE = 1, 2, 3  # Discord, application command types
SUBCOMMAND, GROUP, STRING, INTEGER, BOOLEAN, USER_OPTION, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
MOST_OF_A_KIND = {CHAT: 100, USER: 15, MESSAGE: 15}
TOTAL = 8000  # characters of names, descriptions and values of a command in all


def check_commands(commands: list[JSON]) -> None:
    """Raise Refused for what is wrong with a set of commands."""
    form = Form()
    named = set()
    for index, command in enumerate(commands):
        _check_command(form, (index,), command)
        kind_and_name = command.get("type") or CHAT, command.get("name")
        if kind_and_name in named:
            form.fault((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
        named.add(kind_and_name)
    for kind, most in MOST_OF_A_KIND.items():
        if sum((command.get("type") or CHAT) == kind for command in commands) > most:
            form.fault((), "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
    form.check()


def check_command(command: JSON) -> None:
    """Raise Refused for what is wrong with a single command."""
    form = Form()
    _check_command(form, (), command)
    form.check()


def _check_command(form: Form, at: Path, command: JSON) -> None:
    kind = command.get("type") or CHAT
    if kind == CHAT:
        _check_name(form, at, command)
        form.text((*at, "description"), command.get("description"), 100, 1, required=True)
        _check_options(form, at, command.get("options") or [], depth=0)
    else:
        form.text((*at, "name"), command.get("name"), 32, 1, required=True)
        if command.get("description") or command.get("options"):
            form.fault((*at, "description"), "APPLICATION_COMMAND_CONTEXT_MENU", "A context menu has only a name")
    if _size(command) > TOTAL:
        form.fault(at, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({TOTAL})")


def _check_name(form: Form, at: Path, named: JSON) -> None:
    name = named.get("name")
    form.text((*at, "name"), name, 32, 1, required=True)
    if isinstance(name, str) and not (name == name.lower() and all(map(_may_be_in_a_name, name))):
        form.fault((*at, "name"), "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _may_be_in_a_name(character: str) -> bool:
    return character in "-_" or unicodedata.category(character)[0] in "LN"


def _check_options(form: Form, at: Path, options: list[JSON], depth: int) -> None:
    form.count((*at, "options"), len(options), 25)
    optional = nested = False
    names = [option.get("name") for option in options]
    if len(set(names)) < len(names):
        form.fault((*at, "options"), "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
    for index, option in enumerate(options):
        place = (*at, "options", index)
        _check_option(form, place, option, depth)
        if option.get("type") in (SUBCOMMAND, GROUP):
            nested = True
        elif option.get("required") and optional:
            form.fault(place, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", "Required options come before others")
        optional = optional or not option.get("required")
    if nested and any(option.get("type") not in (SUBCOMMAND, GROUP) for option in options):
        form.fault((*at, "options"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Sub-commands stand alone")


def _check_option(form: Form, at: Path, option: JSON, depth: int) -> None:
    kind = option.get("type")
    _check_name(form, at, option)
    form.text((*at, "description"), option.get("description"), 100, 1, required=True)
    if kind not in range(SUBCOMMAND, ATTACHMENT + 1) or (kind == GROUP and depth) or (kind == SUBCOMMAND and depth > 1):
        form.choice((*at, "type"), kind, range(SUBCOMMAND, ATTACHMENT + 1))
    if kind in (SUBCOMMAND, GROUP):
        _check_options(form, at, option.get("options") or [], depth + 1)
    choices = option.get("choices") or []
    form.count((*at, "choices"), len(choices), 25)
    for index, choice in enumerate(choices):
        form.text((*at, "choices", index, "name"), choice.get("name"), 100, 1, required=True)
        if kind == STRING:
            form.text((*at, "choices", index, "value"), choice.get("value"), 100, required=True)
    if option.get("autocomplete") and (choices or kind not in (STRING, INTEGER, NUMBER)):
        form.fault((*at, "autocomplete"), "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE", "Autocomplete excludes choices")
    form.number((*at, "min_length"), option.get("min_length"), 0, 6000)
    form.number((*at, "max_length"), option.get("max_length"), 1, 6000)


def _size(command: JSON) -> int:
    own = len(command.get("name") or "") + len(command.get("description") or "")
    choices = sum(len(str(choice["name"])) + len(str(choice["value"])) for choice in command.get("choices") or ())
    return own + choices + sum(map(_size, command.get("options") or ()))


def filled_in(
    command: JSON, path: list[str], options: Mapping[str, object], focused: tuple[str, object] | None = None
) -> list[JSON]:
    """Fill in a command's options as a client does; `path` names the sub-command, `focused` is what is being typed.

    Raises AssertionError for what a client would not let anybody send: options that the command does not have or that
    are of another type, required ones left out, and values out of bounds.
    """
    offered = command.get("options") or []
    if path:
        found = [option for option in offered if option["name"] == path[0] and option["type"] in (SUBCOMMAND, GROUP)]
        assert found, f"{command['name']} has no sub-command {path[0]}"
        inner = filled_in(found[0], path[1:], options, focused)
        return [{"name": path[0], "type": found[0]["type"], "options": inner}]
    by_name = {option["name"]: option for option in offered}
    assert not {option["type"] for option in offered} & {SUBCOMMAND, GROUP}, f"{command['name']} needs a sub-command"
    given = {_name_of(name, by_name): value for name, value in options.items()}
    filled = [_filled(by_name[name], value) for name, value in given.items()]
    if focused:
        option = by_name[_name_of(focused[0], by_name)]
        assert option.get("autocomplete"), f"{focused[0]} is not completed by the bot"
        filled.append({"name": option["name"], "type": option["type"], "value": focused[1], "focused": True})
    else:
        missing = {option["name"] for option in offered if option.get("required")} - given.keys()
        assert not missing, f"{command['name']} requires {sorted(missing)}"
    return filled


def _name_of(name: str, offered: Iterable[str]) -> str:
    for spelling in (name, name.replace("_", "-")):
        if spelling in offered:
            return spelling
    raise AssertionError(f"There is no option {name!r}, only {list(offered)}")


_TYPES: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}


def _filled(option: JSON, value: object) -> JSON:
    kind, name = option["type"], option["name"]
    if kind in _TYPES:
        right = isinstance(value, _TYPES[kind]) and isinstance(value, bool) == (kind == BOOLEAN)
        assert right, f"{name} is not of the option's type: {value!r}"
    choices = [choice["value"] for choice in option.get("choices") or ()]
    assert not choices or value in choices, f"{name} is none of the choices: {value!r}, not in {choices}"
    if isinstance(value, str):
        least, most = option.get("min_length") or 0, option.get("max_length") or 6000
        assert least <= len(value) <= most, f"{name} must have {least} to {most} characters, has {len(value)}"
        assert value or not option.get("required"), f"{name} is empty"
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        assert value >= option.get("min_value", value), f"{name} must be {option.get('min_value')} at least: {value}"
        assert value <= option.get("max_value", value), f"{name} must be {option.get('max_value')} at most: {value}"
    return {"name": name, "type": kind, "value": value}

"""Errors as Discord words them: a status, a code, a message, and for a form where in it each fault is."""

from __future__ import annotations

from typing import Any


class Refused(Exception):  # noqa: N818  # said of a request
    """A request that Discord refuses."""

    def __init__(self, status: int, code: int, message: str, errors: dict[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code} {message} {errors or ''}")
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code} | ({"errors": errors} if errors else {})


class Form:
    """Collect what is wrong with a form, each fault at its path."""

    def __init__(self) -> None:
        self._errors: dict[str, Any] = {}

    def fault(self, path: tuple[str | int, ...], code: str, message: str) -> None:
        """Note a fault at a path such as `("embeds", 0, "title")`."""
        node = self._errors
        for key in path:
            node = node.setdefault(str(key), {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def text(
        self, path: tuple[str | int, ...], value: object, most: int, least: int = 0, required: bool = False
    ) -> None:
        """Check a text's length in characters, and that it is there if it must be."""
        if value is None:
            if required:
                self.fault(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(value, str):
            self.fault(path, "STRING_TYPE_CONVERT", "Could not interpret as string.")
        elif not value and required:
            self.fault(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif len(value) > most:
            self.fault(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        elif len(value) < least:
            self.fault(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def count(self, path: tuple[str | int, ...], found: int, most: int, least: int = 0) -> None:
        """Check how many there are of something."""
        if not least <= found <= most:
            self.fault(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def number(self, path: tuple[str | int, ...], value: object, least: int, most: int) -> None:
        """Check a number, if it is there."""
        if value is not None and not (isinstance(value, int) and least <= value <= most):
            self.fault(path, "NUMBER_TYPE_RANGE", f"int value should be between {least} and {most}.")

    def choice(self, path: tuple[str | int, ...], value: object, choices: object) -> None:
        """Refuse a value that is none of the choices."""
        self.fault(path, "BASE_TYPE_CHOICES", f"Value {value!r} must be one of {choices}.")

    def check(self) -> None:
        """Raise Refused if anything is wrong."""
        if self._errors:
            raise Refused(400, 50035, "Invalid Form Body", self._errors)


def unknown(what: str) -> Refused:
    """Say that something does not exist."""
    codes = {"Channel": 10003, "Guild": 10004, "Member": 10007, "Message": 10008, "User": 10013, "Webhook": 10015}
    codes |= {"Interaction": 10062, "Application Command": 10063}
    return Refused(404, codes[what], f"Unknown {what}")


def forbidden() -> Refused:
    """Say that the bot may not."""
    return Refused(403, 50013, "Missing Permissions")


def no_access() -> Refused:
    """Say that the bot may not even see."""
    return Refused(403, 50001, "Missing Access")

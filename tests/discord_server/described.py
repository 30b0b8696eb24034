"""Discord's own description of its API in, what breaks it in a request out."""

from __future__ import annotations

import json
import re
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import ValidationError, best_match  # type: ignore[import-untyped]

from rag.settings import ROOT

SHARED = ROOT.parent / "shared" / "discord" / "openapi.json"  # Discord's own, where it is at hand


@cache
def read(path: Path) -> Description:
    """Read a description, once."""
    return Description(path)


class Description:
    """An OpenAPI 3.1 description. Ids may be numbers: discord.py sends such, and Discord takes them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._validators: dict[tuple[str, str], Draft202012Validator | None] = {}

    @cached_property
    def _content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._path.read_text())
        snowflake = content["components"]["schemas"]["SnowflakeType"]
        content["components"]["schemas"]["SnowflakeType"] = {"anyOf": [snowflake, {"type": "integer", "minimum": 0}]}
        return content

    @cached_property
    def _templates(self) -> list[tuple[re.Pattern[str], str]]:
        """Patterns of paths, those with the most words first: `@me` before `{user_id}`."""
        paths = sorted(self._content["paths"], key=lambda path: path.count("{"))
        return [(re.compile(re.sub(r"\\\{.*?\\\}", "[^/]+", re.escape(path)) + "$"), path) for path in paths]

    def violations(self, method: str, path: str, body: object) -> tuple[str, ...]:
        """List what is wrong with a request, at most one fault for each part of its body."""
        template = next((found for pattern, found in self._templates if pattern.match(path)), None)
        if template is None or method.lower() not in self._content["paths"][template]:
            return (f"the description has no {method} {path}",)
        validator = self._validator(method.lower(), template)
        if validator is None:
            return ()
        return tuple(_worded(error) for error in validator.iter_errors(body))

    def _validator(self, method: str, template: str) -> Draft202012Validator | None:
        key = method, template
        if key not in self._validators:
            schema = _schema(self._content["paths"][template][method])
            whole = {"components": self._content["components"], "$ref": "#/request", "request": schema}
            self._validators[key] = Draft202012Validator(whole) if schema else None
        return self._validators[key]


def _schema(operation: dict[str, Any]) -> dict[str, Any] | None:
    content = operation.get("requestBody", {}).get("content", {})
    schema: dict[str, Any] | None = content.get("application/json", {}).get("schema")
    return schema


def _worded(error: ValidationError) -> str:
    while error.context:
        error = best_match(error.context)
    return f"{error.json_path}: {error.message[:300]}"

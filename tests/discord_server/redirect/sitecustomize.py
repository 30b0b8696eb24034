"""Loaded by Python at its start when this folder is on PYTHONPATH: sends discord.py, and made-up hosts, to loopback.

LOOPBACK_DISCORD_API and LOOPBACK_DISCORD_GATEWAY are where discord.py is to look for Discord. LOOPBACK_WEB names a port
of this machine on which the hosts below `.example` are found, each at an address that looks public.
"""

from __future__ import annotations

import importlib.abc
import importlib.util
import os
import socket
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

PUBLIC = "192.88.99.1"  # looks public, and nobody is there


def _send_to_api(module: ModuleType) -> None:
    module.Route.BASE = os.environ["LOOPBACK_DISCORD_API"]


def _send_to_gateway(module: ModuleType) -> None:
    module.DiscordWebSocket.DEFAULT_GATEWAY = module.yarl.URL(os.environ["LOOPBACK_DISCORD_GATEWAY"])


def _forget_env_file(module: ModuleType) -> None:
    module.Settings.model_config["env_file"] = None


class _Redirect(importlib.abc.MetaPathFinder):
    """Change modules once they are loaded, so that nothing is loaded before the bot asks for it."""

    changes: dict[str, Callable[[ModuleType], None]] = {  # noqa: RUF012  # used up
        "discord.http": _send_to_api,
        "discord.gateway": _send_to_gateway,
        "rag.settings": _forget_env_file,  # a developer's own decides nothing
    }

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        change = self.changes.pop(name, None)
        spec = importlib.util.find_spec(name) if change else None
        if spec is None or spec.loader is None or change is None:
            return None
        execute = spec.loader.exec_module

        def changed(module: ModuleType) -> None:
            execute(module)
            change(module)

        spec.loader.exec_module = changed  # type: ignore[method-assign]
        return spec


def _send_to_web(port: int) -> None:
    look_up, connect = socket.getaddrinfo, socket.create_connection

    def looked_up(host: Any, service: Any, *arguments: Any, **named: Any) -> Any:
        known = isinstance(host, str) and host.endswith(".example")
        return look_up(PUBLIC if known else host, service, *arguments, **named)

    def connected(address: Any, *arguments: Any, **named: Any) -> socket.socket:
        return connect(("127.0.0.1", port) if address[0] == PUBLIC else address, *arguments, **named)

    socket.getaddrinfo = looked_up  # type: ignore[assignment]
    socket.create_connection = connected


if "LOOPBACK_DISCORD_API" in os.environ:
    sys.meta_path.insert(0, _Redirect())
if "LOOPBACK_WEB" in os.environ:
    _send_to_web(int(os.environ["LOOPBACK_WEB"]))

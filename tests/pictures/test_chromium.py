"""A page as a picture, drawn by the real browser."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.pictures.chromium import SCALE, NoChromiumError, chromium, executable
from tests.pictures.page import page


def size(png: bytes) -> tuple[int, int]:
    """Read the width and height of a PNG."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def has_chromium() -> bool:
    try:
        return bool(executable())
    except NoChromiumError:
        return False


needs_chromium = pytest.mark.skipif(not has_chromium(), reason="Chromium is not installed")


@needs_chromium
async def test_a_picture_is_as_wide_as_asked_and_as_high_as_the_page() -> None:
    short, long = (page([{"author": {"username": "alice"}, "content": "a\n" * lines}]) for lines in (1, 21))
    async with chromium() as browser:
        pictures = [
            size(await browser.picture(html, width)) for html, width in ((short, 400), (long, 400), (short, 700))
        ]
    (narrow, low), (same, high), (wide, _) = pictures
    assert (narrow, same, wide) == (400 * SCALE, 400 * SCALE, 700 * SCALE)
    assert high - low == 20 * 22 * SCALE  # twenty more lines


@needs_chromium
async def test_a_picture_is_not_drawn_when_some_of_it_would_be_cut_off() -> None:
    async with chromium() as browser:
        with pytest.raises(ValueError, match="500 pixels wide, and 100 would be cut off"):
            await browser.picture('<!DOCTYPE html><body style="margin: 0"><div style="width: 500px">wide', 400)


async def test_without_chromium_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoChromiumError, match="apt install chromium"):
        async with chromium():
            pass

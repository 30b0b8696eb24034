"""The shipped bot on the loopback Discord, drawn."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.pictures.__main__ import JOURNEYS, PHONE, draw
from tests.pictures.chromium import SCALE
from tests.pictures.test_chromium import needs_chromium, size


@needs_chromium
def test_each_journey_is_drawn_as_on_a_phone(tmp_path: Path) -> None:
    asyncio.run(draw(JOURNEYS, tmp_path))
    widths = {picture.stem: size(picture.read_bytes())[0] for picture in tmp_path.iterdir()}
    assert widths == dict.fromkeys(JOURNEYS, SCALE * PHONE)

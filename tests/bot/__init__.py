"""The bot: its parts by themselves, and the process that ships, in the hands of people."""

import pytest

pytest.register_assert_rewrite("tests.bot.newsroom", "tests.bot.reading")

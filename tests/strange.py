"""Hypothesis strategies for what people type, which may be anything that Discord lets through, and more."""

from __future__ import annotations

import json
from datetime import UTC
from typing import Any

from hypothesis import strategies as st

from rag.schema import Dates, Filters, Turn

# Null, half a character, a line separator, a change of direction: what breaks files and terminals, often
characters = st.sampled_from("\0\n\x1b\ud83d\ude00\u2028\u202e'\"\\") | st.characters()
# halves that belong together are put together, as whoever reads Discord's JSON does
texts = st.text(characters, max_size=40).map(lambda text: str(json.loads(json.dumps(text))))
moments = st.datetimes(timezones=st.just(UTC))
spans = st.none() | st.sampled_from(["2024", "2024-02", "2024-02-29"]).map(Dates.parse)
histories = st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), texts), max_size=3).map(tuple)
filters = st.builds(Filters, spans, spans, spans, st.lists(texts, max_size=2).map(tuple))
answers: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"answer": texts, "citations": st.lists(st.fixed_dictionaries({"number": st.integers(1, 9), "quote": texts}))}
)
versions = st.dictionaries(texts, texts, max_size=3)

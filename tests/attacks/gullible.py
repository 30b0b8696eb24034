"""A model that does whatever it is told, wherever it reads it, and by every way out that a reply has."""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence

from aiohttp import web

from tests.attacks.corpus import Attack
from tests.openai_server import streamed

Line = Mapping[str, object]

_PASSAGE = re.compile(r"^--- passage (\w+)\n(.*?)\n--- end of passage \1$", re.DOTALL | re.MULTILINE)
_REJECTED = re.compile(r'^\d+\. "', re.MULTILINE)


class Gullible:
    """Obeys the order of an attack if it finds it in what it is sent; then it answers the question, honestly."""

    def __init__(self, attack: Attack) -> None:
        self._attack = attack
        self.keys: set[str] = set()  # of the passages that it was shown
        self.obeyed = 0  # requests

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Reply to a request for a completion."""
        messages: list[dict[str, str]] = (await request.json())["messages"]
        system, user = messages[0]["content"], messages[-1]["content"]
        passages = dict(_PASSAGE.findall(user.partition("\nThe question:\n")[0]))
        self.keys |= passages.keys()
        told = {
            "$PROMPT": _parts(system),
            "$ENCODED_PROMPT": [base64.b64encode(system[:300].encode()).decode()],
            "$PASSAGE_KEYS": [", ".join(passages), *passages],
            "$API_KEY": [request.headers["Authorization"].removeprefix("Bearer ")],
        }
        lines: list[Line | str] = []
        if self._hears(user):
            self.obeyed += 1
            for payload in told.get(self._attack.wants, [self._attack.wants]):
                lines += deliveries(payload, self._quotes(passages))
                ordering = [key for key, text in passages.items() if self._hears_some(text)]
                lines += [{"searches": [payload]}, {"passages": [payload, *ordering]}]
        lines += [_claim(fact, [fact]) for fact in self._quotes(passages)[:1]]
        return await streamed("\n".join(_numbered(lines, len(_REJECTED.findall(user)))), step=400)(request)

    def _hears(self, text: str) -> bool:
        return all(_folded(part) in _folded(text) for part in self._attack.order)

    def _hears_some(self, text: str) -> bool:
        return any(_folded(part) in _folded(text) for part in self._attack.order)

    def _quotes(self, passages: Mapping[str, str]) -> list[Mapping[str, str]]:
        """Quote the fact that answers the question and the first sentence of the order, if they are in a passage."""
        wanted = (self._attack.fact, self._attack.order[0])
        return [{"key": key, "quote": each} for each in wanted for key, text in passages.items() if each in text]


def deliveries(payload: str, quotes: Sequence[Mapping[str, str]]) -> Iterator[Line | str]:
    """Say something by every way out that a reply has: beside the form, without proof, behind that of others, …"""
    yield payload
    yield {"claim": payload}
    yield {"claim": payload, "cites": [{"key": "00000000", "quote": payload}]}
    yield {"unanswered": payload}
    yield {"notice": payload, "answer": payload, "question": payload}
    for cited in quotes:
        quote = cited["quote"]
        yield {"claim": payload, "cites": [cited]}
        yield {"claim": payload, "cites": [{**cited, "quote": payload}]}
        yield {"claim": f"{quote} {payload}", "cites": [cited]}
        yield {"claim": f"{quote.rstrip('.')}, {payload}", "cites": [cited]}
        yield {"claim": f"{quote.rstrip('.')}, and {payload[:1].lower()}{payload[1:]}", "cites": [cited]}
        yield {"claim": f"{quote.rstrip('.')}, {payload[:1].lower()}{payload[1:]}", "cites": [cited]}
        yield {"claim": f"{payload}: {quote}", "cites": [cited]}
        yield {"claim": quote, "cites": [cited], "attribution": payload}
        yield {"claim": quote, "cites": [cited, {**cited, "quote": payload}], "attribution": payload}
        yield {"unanswered": f"{quote} {payload}"}


def _claim(cited: Mapping[str, str], cites: Sequence[Mapping[str, str]]) -> Line:
    return {"claim": cited["quote"], "cites": list(cites), "attribution": ""}


def _numbered(lines: Sequence[Line | str], rejected: int) -> Iterator[str]:
    """Write lines; in the reply to a repair request each replaces one of the rejected claims in turn."""
    for place, line in enumerate([*lines, {"end": True}]):
        if isinstance(line, str):
            yield line
        else:
            yield json.dumps({**line, "instead_of": place % rejected + 1} if rejected else line)


def _parts(prompt: str) -> list[str]:
    rules = [line for line in prompt.splitlines() if len(line) > 60]
    return [prompt[:600], rules[0], rules[len(rules) // 2].lstrip("- "), rules[-1]]


def _folded(text: str) -> str:
    """Leave out what shows as nothing and fold white space, as a reader does."""
    return " ".join("".join(letter for letter in text if unicodedata.category(letter) != "Cf").split())

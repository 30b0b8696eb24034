"""Embeddings by a model server: they go through, and its faults end in one line and no earlier than they must."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

import numpy as np
import pytest
from aiohttp import web

from rag.errors import ModelError
from rag.settings import Settings
from rag.store.embeddings import MiniLM, Vectors, embedder
from rag.store.served_model import ServedModel
from tests.openai_server import OpenAIServer, Reply, echoing_key, raw, refused, stalled

KEY = "sk-secret-of-the-test"


class EmbeddingServer(OpenAIServer):
    """Gives the replies of its script to requests for embeddings, and after the last one embeddings."""

    def __init__(self, *faults: Reply) -> None:
        super().__init__()
        self._faults = list(faults)

    async def _embed(self, request: web.Request) -> web.StreamResponse:  # type: ignore[override]
        if self._faults:
            self.requests.append(await request.json())
            return await self._faults.pop(0)(request)
        return await super()._embed(request)


@dataclass
class Outcome:
    vectors: Vectors | None
    error: str
    requests: int
    seconds: float


async def encoded(texts: list[str], *faults: Reply, deadline: float = 20) -> Outcome:
    async with EmbeddingServer(*faults) as server:
        model = ServedModel("a-model", server.url, KEY, deadline)
        begun = time.monotonic()
        try:
            vectors, error = await asyncio.to_thread(model.encode, texts), ""
        except ModelError as failure:
            vectors, error = None, str(failure)
        return Outcome(vectors, error, len(server.requests), time.monotonic() - begun)


async def test_texts_become_unit_vectors_in_their_order() -> None:
    texts = [f"text number {number}" for number in range(230)]
    together, alone = await encoded(texts), await encoded(texts[200:201])
    assert together.vectors is not None
    assert alone.vectors is not None
    assert together.vectors.shape == (230, 8)
    assert np.allclose(np.linalg.norm(together.vectors, axis=1), 1)
    assert np.allclose(together.vectors[200], alone.vectors[0])
    assert together.requests == 3


async def test_no_texts_need_no_server() -> None:
    assert len(ServedModel("a-model", "http://127.0.0.1:9/v1", KEY, 5).encode([])) == 0


@pytest.mark.parametrize("fault", [refused(429, headers={"retry-after": "0"}), refused(503), refused(500, "oops")])
async def test_what_may_pass_is_tried_again(fault: Reply) -> None:
    outcome = await encoded(["text"], fault, fault)
    assert outcome.error == ""
    assert outcome.requests == 3


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (refused(400, {"message": "bad"}), "answers with status 400"),
        (echoing_key(401), "refuses the key"),
        (refused(404, {"message": "no such model"}), "does not know the model"),
        (refused(429, {"code": "insufficient_quota", "message": "no"}), "says that the quota is used up"),
        (refused(429, {"type": "insufficient_quota", "message": "no"}), "says that the quota is used up"),
    ],
)
async def test_a_refusal_is_reported_at_once_in_one_line_without_the_key(fault: Reply, says: str) -> None:
    outcome = await encoded(["text"], fault)
    assert says in outcome.error
    assert outcome.requests == 1
    assert KEY not in outcome.error
    assert "\n" not in outcome.error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b'{"data": null}',
        b'{"data": []}',
        b'{"data": [{"embedding": []}]}',
        b'{"data": [{"embedding": ["x"]}]}',
        b'{"data": [{"embedding": [0, 0]}]}',
        b'{"data": [{"embedding": [1, NaN]}]}',
        b'{"data": [{"embedding": [1, 2]}, {"embedding": [1, 2]}]}',
    ],
)
async def test_an_answer_that_holds_no_embeddings_is_an_error(body: bytes) -> None:
    for content_type in ("application/json", "text/html"):
        outcome = await encoded(["text"], raw(body, content_type))
        assert outcome.vectors is None
        assert "\n" not in outcome.error


@pytest.mark.parametrize("fault", [stalled(), refused(429, headers={"retry-after": "3600"})])
async def test_the_deadline_is_kept(fault: Reply) -> None:
    outcome = await encoded(["text"], fault, deadline=0.5)
    assert outcome.vectors is None
    assert outcome.seconds < 5


async def test_a_server_that_is_not_there_is_an_error() -> None:
    model = ServedModel("a-model", "http://127.0.0.1:9/v1", KEY, 1)
    with pytest.raises(ModelError, match=r"The embedding server at http://127.0.0.1:9/v1 .* Check EMBEDDING_MODEL"):
        await asyncio.to_thread(model.encode, ["text"])


def test_the_setting_chooses_the_embedder() -> None:
    def chosen(model: str, url: str = "http://one/v1") -> str:
        settings = Settings.model_construct(embedding_model=model, openai_base_url=url)
        return embedder(settings).name

    assert isinstance(embedder(Settings.model_construct()), MiniLM)
    assert chosen("sentence-transformers/all-MiniLM-L6-v2") == chosen("all-MiniLM-L6-v2")
    assert len({chosen("a"), chosen("b"), chosen("a", "http://two/v1"), chosen("all-MiniLM-L6-v2")}) == 4

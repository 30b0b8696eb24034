"""Texts in, unit vectors out of a model behind an OpenAI-compatible server, through llama-index's client."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx
import numpy as np
import openai
from llama_index.embeddings.openai import OpenAIEmbedding
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_before_delay, wait_random_exponential

from rag.errors import ModelError
from rag.store.embeddings import Vectors

log = logging.getLogger(__name__)

TEXTS_PER_REQUEST = 100
BACK_OFF = wait_random_exponential(multiplier=0.5, max=10)  # seconds, with jitter


class ServedModel:
    """The embedding model `model` at `base_url`. Threads may share one; not for use in a running event loop."""

    def __init__(self, model: str, base_url: str, key: str, deadline: float) -> None:
        self.name = f"{model}@{urlsplit(base_url).netloc}{urlsplit(base_url).path}"
        self._model = model
        self._base_url = base_url
        self._key = key
        self._deadline = deadline

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one vector of length one a text, as rows. Raises ModelError if the server gives none.

        The deadline is for each 100 texts, waiting and trying again included.
        """
        requests = [texts[start : start + TEXTS_PER_REQUEST] for start in range(0, len(texts), TEXTS_PER_REQUEST)]
        rows = [row for request in requests for row in asyncio.run(self._answer(list(request)))]
        if not rows:
            return np.empty((0, 0), np.float32)
        vectors = np.array(rows, np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)

    async def _answer(self, texts: list[str]) -> list[list[float]]:
        """Embed the texts of one request, or say in one line why not."""
        try:
            async with asyncio.timeout(self._deadline), httpx.AsyncClient(timeout=self._deadline) as http:
                return checked(await self._retried(texts, http), len(texts))
        except TimeoutError:
            problem = f"did not answer within {self._deadline:g} seconds"
        except openai.APIStatusError as error:
            problem = REFUSALS.get(error.status_code, f"answers with status {error.status_code}")
            problem = "says that the quota is used up" if has_no_quota(error) else problem
        except (openai.APIError, httpx.HTTPError) as error:
            problem = f"cannot be reached ({type(error).__name__})"
        except (ValueError, TypeError, AttributeError, KeyError, IndexError):  # whatever its answer was not
            problem = "gave an answer that holds no embeddings"
        raise ModelError(
            f"The embedding server at {self._base_url} {problem}. "
            "Check EMBEDDING_MODEL, OPENAI_BASE_URL and OPENAI_API_KEY in .env."
        )

    async def _retried(self, texts: list[str], http: httpx.AsyncClient) -> list[list[float]]:
        model = OpenAIEmbedding(
            model_name=self._model,
            api_base=self._base_url,
            api_key=self._key or "none",  # servers without keys take any, and the client insists on one
            max_retries=0,  # trying again is decided here alone
            timeout=self._deadline,
            embed_batch_size=TEXTS_PER_REQUEST,
            async_http_client=http,
        )
        attempts = AsyncRetrying(
            retry=retry_if_exception(may_pass),
            wait=patience,
            stop=stop_before_delay(self._deadline),
            reraise=True,
        )
        return list(await attempts(model.aget_text_embedding_batch, texts))


REFUSALS = {
    401: "refuses the key",
    403: "refuses the key",
    404: "does not know the model",
}


def may_pass(error: BaseException) -> bool:
    """Tell whether to try again: after lost connections, overload and faults of the server, but after no refusal."""
    if isinstance(error, openai.APIStatusError):
        return (error.status_code in (408, 409, 429) or error.status_code >= 500) and not has_no_quota(error)
    return isinstance(error, openai.APIConnectionError | httpx.TransportError)


def has_no_quota(error: openai.APIStatusError) -> bool:
    """Tell a quota that is used up, which is a 429 too, from a rate limit."""
    return "insufficient_quota" in (error.code, error.type)


def patience(state: RetryCallState) -> float:
    """Wait as long as the server asks for, or else longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("retry-after", "") if isinstance(error, openai.APIStatusError) else ""
    return max(BACK_OFF(state), float(asked)) if asked.replace(".", "", 1).isdecimal() else BACK_OFF(state)


def checked(vectors: list[list[float]], texts: int) -> list[list[float]]:
    """Return vectors that are one for each text, of one length, finite and not zero. Raises ValueError otherwise."""
    array = np.array(vectors, np.float64)
    if array.ndim != 2 or len(array) != texts or not np.isfinite(array).all() or not array.any(axis=1).all():
        raise ValueError("not one vector for each text")
    return vectors

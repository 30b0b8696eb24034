"""Dateline's nouns in llama-index's, for writing to Chroma and for whoever brings an index or retriever of their own.

store = open_store(settings())
index = VectorStoreIndex.from_vector_store(vector_store(store.index), embed_model=Embedding(store.embedder))
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore

from rag.schema import Passage
from rag.store.embeddings import Embedder, Vectors
from rag.store.record import passage_metadata

SHOWN = ("title", "publisher", "author")  # of a passage's metadata, what llama-index puts before a model


class Embedding(BaseEmbedding):
    """Dateline's embedder as llama-index's interface has it."""

    _embedder: Embedder = PrivateAttr()

    def __init__(self, embedder: Embedder, **settings: Any) -> None:
        super().__init__(model_name=embedder.name, **settings)
        self._embedder = embedder

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embeddings([query])[0]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        embeddings: list[list[float]] = self._embedder.encode(texts).tolist()
        return embeddings


def vector_store(collection: Any) -> ChromaVectorStore:
    """Open an index's collection of passages as llama-index does."""
    return ChromaVectorStore(chroma_collection=collection)


def add_nodes(collection: Any, passages: Iterable[tuple[tuple[str, str], Passage, Vectors]]) -> None:
    """Add passages with their ids, revisions and vectors to a collection, as nodes that llama-index can read."""
    vector_store(collection).add([node(*identity, passage, vector) for identity, passage, vector in passages])


def node(identity: str, revision: str, passage: Passage, vector: Vectors) -> TextNode:
    """Make a passage a node whose source is its article."""
    metadata = passage_metadata(passage, revision)
    return TextNode(
        id_=identity,
        text=passage.text,
        embedding=vector.tolist(),
        metadata=metadata,
        excluded_llm_metadata_keys=[key for key in metadata if key not in SHOWN],
        excluded_embed_metadata_keys=[key for key in metadata if key not in SHOWN],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.source.document)},
        start_char_idx=passage.start,
        end_char_idx=passage.end,
    )

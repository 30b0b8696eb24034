"""Whoever knows llama-index can use Dateline's collection and embedder with it."""

from __future__ import annotations

from llama_index.core import VectorStoreIndex
from llama_index.core.schema import TextNode

from rag.store.llama_index import Embedding, vector_store
from rag.store.store import Store
from tests.store.samples import prepared, put, source

PIER = prepared(
    source("pier.md", "2024-03-05", title="Pier to close", publisher="The Harbour Gazette"),
    "The council votes to close the old pier.",
    "Ferries will leave from the new quay.",
)


def test_llama_index_retrieves_passages_from_the_store(store: Store) -> None:
    put(store, PIER)
    embedding = Embedding(store.embedder)
    index = VectorStoreIndex.from_vector_store(vector_store(store.index.collection), embed_model=embedding)
    [found] = index.as_retriever(similarity_top_k=1).retrieve("Ferries leave from the quay")
    passage = PIER.passages[1]
    assert isinstance(found.node, TextNode)
    assert found.node.text == passage.text
    assert found.node.ref_doc_id == "pier.md"
    assert (found.node.start_char_idx, found.node.end_char_idx) == (passage.start, passage.end)
    assert found.node.metadata == {
        "document": "pier.md",
        "title": "Pier to close",
        "publisher": "The Harbour Gazette",
        "author": "",
        "url": "",
        "origin": "",
        "basis": "stated",
        "first": 738950,
        "last": 738950,
        "revision": PIER.article.revision,
        "start": passage.start,
        "end": passage.end,
    }


async def test_the_embedding_is_dateline_s(store: Store) -> None:
    embedding = Embedding(store.embedder)
    vectors = store.embedder.encode(["old pier", "new quay"]).tolist()
    assert embedding.get_text_embedding_batch(["old pier", "new quay"]) == vectors
    assert embedding.get_query_embedding("new quay") == vectors[1]
    assert await embedding.aget_query_embedding("new quay") == vectors[1]
    assert embedding.model_name == store.embedder.name

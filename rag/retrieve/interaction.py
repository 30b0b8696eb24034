"""Vectors of word pieces in, how well a text answers a question out: late interaction (MaxSim).

Each word piece of the question looks for the piece of the text that is most like it, and the likenesses are added up
(Khattab & Zaharia 2020, ColBERT, arXiv 2004.12832), here with the pieces of an encoder that was trained for whole
sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.language.sentences import sentence_spans
from rag.language.words import FUNCTION_WORDS, stem, words
from rag.schema import Passage
from rag.store.pieces import Matrix, Pieces, likenesses

CONTEXT_WEIGHT = 0.5  # of what a follow-up takes over from the question before it
DECIMALS = 5  # of a score: texts that are alike score alike, whatever rounding their place in a product brings


@dataclass(frozen=True)
class WeighedQuestion:
    """A question's pieces with what each counts; the weights add up to 1."""

    pieces: Pieces
    weights: Matrix

    def likenesses(self, texts: Sequence[Pieces]) -> list[Matrix]:
        """Compare each of its pieces with each of a text's: cosines (pieces of the question, of the text), by text."""
        return likenesses(self.pieces, texts)

    def score(self, likeness: Matrix) -> float:
        """Add up the best likeness of each piece: 1 for the question itself, 0 for a text without pieces."""
        return round(float(self.weights @ best(likeness)), DECIMALS)


def best(likeness: Matrix) -> Matrix:
    """Find for each piece of the question the greatest likeness: 0 in a text without pieces."""
    found: Matrix = likeness.max(axis=1, initial=0)
    return found


def weighed(
    question: str, pieces: Pieces, rarity: Callable[[str], float], context_from: int | None = None
) -> WeighedQuestion:
    """Weigh a question's pieces: half by themselves, half by how rare the word they belong to is.

    Args:
        question: the text that the pieces' spans count in
        rarity: of a stem, such as its inverse document frequency
        context_from: where the question starts that this one follows up on
    """
    later = len(question) if context_from is None else context_from
    uniform = np.where(pieces.spans[:, 0] >= later, CONTEXT_WEIGHT, 1.0).astype(np.float32)
    rare = uniform * shares(question, pieces, rarity)
    weights: Matrix = (normal(uniform) + normal(rare if rare.any() else uniform)) / np.float32(2)
    return WeighedQuestion(pieces, weights)


def shares(question: str, pieces: Pieces, rarity: Callable[[str], float]) -> Matrix:
    """Divide the rarity of each word among its pieces; a word that carries no meaning has none."""
    found = np.zeros(len(pieces.spans), np.float32)
    for word in words(question):
        own = pieces.within(*word.span())
        if own.stop > own.start and word.group().lower() not in FUNCTION_WORDS:
            found[own] = rarity(stem(word.group())) / (own.stop - own.start)
    return found


def normal(weights: Matrix) -> Matrix:
    normal: Matrix = weights / max(float(weights.sum()), 1e-9)
    return normal


def relevances(question: WeighedQuestion, passages: Sequence[Passage], pieces: Sequence[Pieces]) -> list[float]:
    """Score passages from 0 to 2: each as a whole with its heading, and by the best of its sentences."""
    compared = zip(passages, pieces, question.likenesses(pieces), strict=True)
    return [
        question.score(likeness) + best_sentence(question, passage, own, likeness)
        for passage, own, likeness in compared
    ]


def best_sentence(question: WeighedQuestion, passage: Passage, pieces: Pieces, likeness: Matrix) -> float:
    sentences = np.array(sentence_spans(passage.text), np.int32).reshape(-1, 2)
    firsts = np.searchsorted(pieces.spans[:, 0], sentences[:, 0])
    ends = np.searchsorted(pieces.spans[:, 1], sentences[:, 1], "right")
    bounds = np.stack([firsts, ends], axis=1)[firsts < ends].ravel()
    if not len(bounds):
        return 0.0
    # from each bound to the next, so every other is a sentence; the last goes to the end if there is none behind it
    within = np.maximum.reduceat(likeness, bounds[: -1 if bounds[-1] == likeness.shape[1] else None], axis=1)[:, ::2]
    return round(float((question.weights @ within.clip(min=0)).max()), DECIMALS)

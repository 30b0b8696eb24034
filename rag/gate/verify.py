"""An unchecked claim and the articles in, the claim as far as it is proven or the reason against it out.

The single gate: nothing becomes part of an answer that has not come through `verified`. Pure; no text makes it raise.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from rag.gate.additions import added, only_ordered
from rag.gate.attribution import attribution, misattributed
from rag.gate.differences import displaced
from rag.gate.evidence import Evidence
from rag.gate.meaning import changed_meaning, is_faithful_cut
from rag.gate.proof import unproven
from rag.gate.spelling import visible
from rag.language.sentences import sentence_spans
from rag.schema import Citation, Claim, Rejection, distinct

LONGEST_CLAIM = 2000  # characters; a sentence has about 150
_YES_OR_NO = re.compile(r"^(?:yes|no)\s*[,:;.–—-]\s*(?=\S)", re.IGNORECASE)
_MARKER = re.compile(r" ?(?:\[\d{1,3}\]|【[^】]{0,40}】)")
# what a chat or a terminal may make something of, and words so long that they are none
_LINK = re.compile(
    r"\b\w{1,20}://\S*|\bwww\.\S+|\]\s*\(\S*|!\[|@everyone|@here|<[@#:/!a-z][^>]*>?|\b(?:javascript|data|mailto):\S+"
    r"|\b(?:[a-z0-9][a-z0-9-]{0,60}\.)+[a-z]{2,20}\b(?:[/?#]\S*)?|[^\s]{80,}",
    re.IGNORECASE,
)


def verified(
    claim: Claim, texts: Mapping[str, str], variants: Mapping[str, Collection[str]] | None = None
) -> Claim | Rejection:
    """Pass a claim with the citations that stand, or reject it.

    `texts` maps a document to its clean text; `variants` maps a name's case-folded word to its other spellings.
    A citation stands if its quote is in the article at its span. The claim stands if at least one citation does, and if
    its numbers, dates and names are in the standing quotes and it keeps their polarity and certainty. Markers and
    control characters are taken out of its text. Its attribution is who the articles say says so, if anybody, whether
    its text names them or not: who reads it is to be shown both.
    """
    citations = tuple(citation for citation in distinct(claim.citations) if stands(citation, texts))
    if not citations:
        return Rejection(claim, "cites nothing that the articles say")
    said_by = inert(attribution(claim.text, citations, texts), "\n".join(map(repr, citations)))
    sentences = [in_full(citation, texts) for citation in citations]
    if any(claim.text == citation.quote == whole for citation, whole in zip(citations, sentences, strict=True)):
        return replace(claim, citations=citations, attribution=said_by)
    evidence = Evidence(citations, texts, variants or {}, said_by)
    read = replace(claim, text=cleaned(claim.text, evidence.text), citations=citations)
    if reason := _objection(read.text, evidence, [*map(visible, sentences)]) or misattributed(read, said_by, texts):
        return Rejection(claim, reason)
    return replace(read, attribution=said_by)


def stands(citation: Citation, texts: Mapping[str, str]) -> bool:
    """Tell whether the quote is what the article says at that span, and says anything."""
    text = texts.get(citation.source.document, "")
    in_order = 0 <= citation.start < citation.end <= len(text)
    return in_order and text[citation.start : citation.end] == citation.quote and any(map(str.isalnum, citation.quote))


def cleaned(text: str, quoted: str) -> str:
    """Take out control characters and citation markers that the quotes do not contain, and fold white space."""
    return _MARKER.sub(lambda match: match[0] if match[0].strip() in quoted else "", visible(text)).strip()


def in_full(citation: Citation, texts: Mapping[str, str]) -> str:
    """Give the sentences that a quote stands in: what is cut off may turn round what is left."""
    text = texts[citation.source.document]
    spans = [span for span in sentence_spans(text) if span[0] < citation.end and citation.start < span[1]]
    return text[min(spans)[0] : max(spans)[1]] if spans else citation.quote


def inert(text: str, given: str = "") -> str:
    """Put an ellipsis in place of each link, mention and endless word that is not in what is `given`."""
    return _LINK.sub(lambda match: match[0] if match[0] in given else "…", visible(text))


def _objection(text: str, evidence: Evidence, sentences: Sequence[str]) -> str:
    """Say why a claim's text does not follow from the evidence, or "" when nothing speaks against it.

    `sentences` are those that the quotes stand in.
    """
    if not any(map(str.isalnum, text)):
        return "says nothing"
    if len(text) > LONGEST_CLAIM:
        return "is far longer than a sentence"
    if inert(text, "\n".join([evidence.text, *map(repr, evidence.sources)])) != text:
        return "carries a link or a mention that its quotes do not"
    statement = _YES_OR_NO.sub("", text)  # it answers the question; what follows is what the quotes must bear out
    if ordered := only_ordered(statement, sentences):
        return ordered
    said = [
        quote if is_faithful_cut(quote, sentence) else sentence
        for quote, sentence in zip(evidence.quotes, sentences, strict=True)
    ]
    if any(is_faithful_cut(statement, each) for each in said):
        return ""
    if len(sentence_spans(statement)) > 1:
        return "is more than one sentence"
    return (
        unproven(statement, evidence)
        or displaced(statement, evidence)
        or changed_meaning(statement, said)
        or added(statement, evidence)
    )

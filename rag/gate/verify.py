"""An unchecked claim and the articles in, the claim as far as it is proven or the reason against it out.

The single gate: nothing becomes part of an answer that has not come through `verified`. Pure; no text makes it raise.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from rag.facts.names import WORD, bare, is_plain
from rag.gate.meaning import changed_meaning, is_faithful_cut
from rag.gate.proof import Evidence, spellings, unproven, visible
from rag.schema import Citation, Claim, Rejection, Source, distinct

LONGEST_CLAIM = 2000  # characters; a sentence has about 150
_YES_OR_NO = re.compile(r"^(?:yes|no)\s*[,:;.–—-]\s*(?=\S)", re.IGNORECASE)
_MARKER = re.compile(r" ?(?:\[\d{1,3}\]|【[^】]{0,40}】)")
_LINK = re.compile(
    r"\b\w{1,20}://\S*|\bwww\.\S+|\]\s*\(|!\[|@everyone|@here|<[@#:/!a-z][^>]*>?|\b(?:javascript|data|mailto):\S+",
    re.IGNORECASE,
)


def verified(
    claim: Claim, texts: Mapping[str, str], variants: Mapping[str, Collection[str]] | None = None
) -> Claim | Rejection:
    """Pass a claim with the citations that stand, or reject it.

    `texts` maps a document to its clean text; `variants` maps a name's case-folded word to its other spellings.
    A citation stands if its quote is in the article at its span. The claim stands if at least one citation does, and if
    its numbers, dates and names are in the standing quotes and it keeps their polarity and certainty. Markers and
    control characters are taken out of its text; an attribution that the sources do not bear out is emptied.
    """
    citations = tuple(citation for citation in distinct(claim.citations) if stands(citation, texts))
    if not citations:
        return Rejection(claim, "cites nothing that the articles say")
    if any(claim.text == citation.quote for citation in citations):
        return replace(claim, citations=citations, attribution=_attribution(claim, citations))
    evidence = Evidence(citations, texts, variants or {})
    text = cleaned(claim.text, evidence.text)
    if reason := _objection(text, evidence):
        return Rejection(claim, reason)
    return replace(claim, text=text, citations=citations, attribution=_attribution(claim, citations))


def stands(citation: Citation, texts: Mapping[str, str]) -> bool:
    """Tell whether the quote is what the article says at that span, and says anything."""
    text = texts.get(citation.source.document, "")
    in_order = 0 <= citation.start < citation.end <= len(text)
    return in_order and text[citation.start : citation.end] == citation.quote and any(map(str.isalnum, citation.quote))


def cleaned(text: str, quoted: str) -> str:
    """Take out control characters and citation markers that the quotes do not contain, and fold white space."""
    return _MARKER.sub(lambda match: match[0] if match[0].strip() in quoted else "", visible(text)).strip()


def _objection(text: str, evidence: Evidence) -> str:
    """Say why a claim's text does not follow from the evidence, or "" when nothing speaks against it."""
    if not any(map(str.isalnum, text)):
        return "says nothing"
    if len(text) > LONGEST_CLAIM:
        return "is far longer than a sentence"
    if foreign := [match[0] for match in _LINK.finditer(text) if match[0] not in evidence.text]:
        return f"carries a link or a mention that its quotes do not: {foreign[0][:40]!r}"
    if any(is_faithful_cut(text, quote) for quote in evidence.quotes):
        return ""
    statement = _YES_OR_NO.sub("", text)  # it answers the question; what follows is what the quotes must bear out
    return unproven(statement, evidence) or changed_meaning(statement, evidence.quotes)


def _attribution(claim: Claim, citations: Sequence[Citation]) -> str:
    """Keep an attribution whose every word is in the quotes or is the source's own name, and empty any other."""
    if not claim.attribution:
        return ""
    known = {word for citation in citations for word in spellings(f"{citation.quote} {_credits(citation.source)}")}
    attribution = cleaned(claim.attribution, "")
    words = {bare(word).casefold() for word in WORD.findall(attribution) if not is_plain(word)}
    return attribution if words <= known and not _LINK.search(attribution) else ""


def _credits(source: Source) -> str:
    return f"{source.publisher} {source.origin} {source.author}"

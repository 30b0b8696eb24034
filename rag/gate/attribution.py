"""A claim, its citations and the articles in; who stands behind it out, and the objection that it names others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.facts.names import WORD, bare, is_plain, name_key, names_in
from rag.facts.places import country_of
from rag.facts.speech import Speech, speeches
from rag.facts.vocabulary import ROLES
from rag.facts.voices import BELONGING, PRONOUN, voices
from rag.gate.clauses import content_stems
from rag.gate.naming import lies_in, same_name
from rag.gate.spelling import visible
from rag.language.sentences import sentence_spans
from rag.schema import Citation, Claim, Source

Texts = Mapping[str, str]

_PASSED_ON = ", according to "
_SITE = re.compile(r"(\w{4,})\.[a-z]{2,}")  # "coastdaily.example", which people call Coast Daily
_ITSELF = re.compile(r"(?:the|this) (?:report|article|analysis|story|piece)", re.IGNORECASE)
# what a claim may call saying something although a sentence has no verb of saying: "praised the treaty as historic"
_EXPRESSES = re.compile(
    r"[“”\"]|\b(?:prais|promis|pledg|vow|urg|demand|welcom|condemn|critici|reject|express|voic|hail|thank|threat|refus|agree"
    r"|discuss|present|consider|regard|want|hop|plan|inten|expect|call|appeal|propos|unveil|announc|declar|apologi|defend"
    r"|oppos|support|back|ask|question|answer|respon|interview|statement|speech|comment|remark|said|view|opinion|letter"
    r"|accord|swor|doubt|admit|find|found|rul|report|publish|record|list|stud|describ|reveal|explain)\w*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A quoted sentence, as far as it is quoted: what somebody says in it, who that is, and the rest of it."""

    said: str
    credit: str
    rest: str

    def shares(self, wanted: frozenset[str]) -> tuple[int, int]:
        """Count the words that are looked for in what somebody says, and in the rest."""
        said, rest = (len(wanted.intersection(content_stems(part))) for part in (self.said, self.rest))
        return said, rest


def attribution(text: str, citations: Sequence[Citation], texts: Texts) -> str:
    """Name who says what a claim says, if its quotes have it only on somebody's word, and give "" if they state it.

    Who says it comes first, then who passes that on: "Araghchi, according to IRNA". An article's own outlet is nobody's
    speaker, and a rewrite that speaks of "the report" means the origin that it credits.
    """
    if quoted := [citation for citation in citations if _is_quote(text, [citation])]:
        return next((sentence.credit for each in quoted for sentence in _quoted(each, texts) if sentence.credit), "")
    sentences = [sentence for citation in citations for sentence in _quoted(citation, texts)]
    named = " ".join(voice.speaker for voice in voices(text))
    wanted = frozenset(content_stems(text)).difference(content_stems(named))
    shared = [sentence.shares(wanted) for sentence in sentences]
    most = max(map(sum, shared), default=0)
    credited = [
        sentence.credit if said >= rest else ""
        for sentence, (said, rest) in zip(sentences, shared, strict=True)
        if said + rest == most > 0
    ]
    return credited[0] if credited and all(credited) else ""


def misattributed(claim: Claim, said_by: str, texts: Texts) -> str:
    """Say to whom a claim gives a word that is not theirs, or give "". `said_by` is whose word it is, if anybody's."""
    if _is_quote(claim.text, claim.citations):
        return ""
    tellers = [voice.speaker for voice in voices(claim.text) if not PRONOUN.fullmatch(voice.speaker)]
    for teller in tellers:
        if not any(_may_say(teller, each, texts) for each in claim.citations):
            return f"has {teller!r} say what its quotes do not have them say"
    outlets = [name for each in claim.citations for name in _outlets(each.source)]
    if said_by and tellers and not any(_may_be(each, said_by) or _is_outlet(each, outlets) for each in tellers):
        return f"has {tellers[0]!r} say what its quotes have {said_by!r} say"
    return ""


def _is_quote(text: str, citations: Sequence[Citation]) -> bool:
    """Tell whether a text is one of the quotes, which stands for itself, as it is or in answer to a question."""
    return any(text in (citation.quote, f"Yes: {citation.quote}", f"No: {citation.quote}") for citation in citations)


def _quoted(citation: Citation, texts: Texts) -> Iterator[_Sentence]:
    """Yield the sentences of an article that a quote has a part of."""
    text = texts[citation.source.document]
    for start, end in sentence_spans(text):
        if start < citation.end and citation.start < end:
            speech = next((speech for speech in _spoken(text) if start <= speech.start < end), Speech(end, end, ""))
            first, last = max(start, citation.start), min(end, citation.end)
            said = text[max(speech.start, first) : min(speech.end, last)]
            rest = f"{text[first : min(speech.start, last)]} {text[max(speech.end, first) : last]}"
            yield _Sentence(said, _credit(speech, citation.source), rest)


def _credit(speech: Speech, source: Source) -> str:
    """Write whose word a speech is: who said it, and who passes it on, but for the article's own outlet."""
    if _ITSELF.fullmatch(speech.speaker) and source.origin and not (source.publisher or speech.relay):
        return source.origin
    others = (who for who in (speech.speaker, speech.relay) if not _is_outlet(who, (source.publisher, source.author)))
    return visible(_PASSED_ON.join(filter(None, others)))


def _outlets(source: Source) -> tuple[str, str, str]:
    return source.publisher, source.origin, source.author


def _is_outlet(who: str, outlets: Sequence[str]) -> bool:
    """Tell whether words name an outlet: by all the names in them, or by its site in words."""
    words = [word.casefold() for name in names_in(who) for word in name.words if not is_plain(word)]
    known = {bare(word).casefold() for outlet in outlets for word in WORD.findall(outlet)}
    sites = {label.casefold() for outlet in outlets for label in _SITE.findall(outlet)}
    return bool(words) and (known.issuperset(words) or "".join(words) in sites)


def _may_say(teller: str, citation: Citation, texts: Texts) -> bool:
    """Tell whether an article can be read as having somebody say what a quote says."""
    if _ITSELF.fullmatch(teller) or _is_outlet(teller, _outlets(citation.source)):
        return True
    spoken = _spoken(texts[citation.source.document])
    heard = [each for each in spoken if each.start < citation.end and citation.start < each.end]
    unheard = citation.quote
    for each in heard:
        unheard = unheard.replace(texts[citation.source.document][each.start : each.end], " ")
    if _EXPRESSES.search(unheard) and (not heard or _is_named(teller, unheard)):
        return True
    return any(_may_be(teller, who) for each in heard for who in (each.speaker, each.relay) if who)


def _may_be(one: str, other: str) -> bool:
    """Tell whether two can be the same: one is called as the other is, or has no name that could differ."""
    if not names_in(other) or any(
        is_one(*pair) for is_one in (_is_named, _is_called) for pair in ((one, other), (other, one))
    ):
        return True
    return any(same_name(mine, its) or lies_in(mine, [its]) for mine in names_in(one) for its in names_in(other))


def _is_named(who: str, text: str) -> bool:
    """Tell whether a text has a name of somebody, in any spelling; a country's only if they are called nothing else."""
    words = [word for head in _heads(who) for word in WORD.findall(head) if word[0].isupper() and not is_plain(word)]
    names = [word for word in map(bare, words) if not country_of(word)]
    if not names and not _nouns(who):
        names = [bare(word) for word in words]
    return not {name_key(word) for word in WORD.findall(text)}.isdisjoint(map(name_key, names))


def _is_called(who: str, text: str) -> bool:
    """Tell whether a text has the title of somebody, or what they are: "the minister", "the office"."""
    titles = {bare(word).lower() for word in WORD.findall(who)} & ROLES
    return not set(content_stems(text)).isdisjoint(content_stems(" ".join(titles.union(_nouns(who)))))


def _nouns(who: str) -> list[str]:
    """List the nouns that say what somebody is: "office" of "the office of the mayor", nothing of "Lena Orth"."""
    return [last for head in _heads(who) if (last := head.split()[-1]).islower()]


def _heads(who: str) -> list[str]:
    """Cut off what only says whose or which somebody is, of each of those who say or pass on something."""
    heads = (BELONGING.split(each)[0].strip() for each in who.split(_PASSED_ON))
    return [head for head in heads if head]


@lru_cache(maxsize=64)
def _spoken(text: str) -> tuple[Speech, ...]:
    return speeches(text, sentence_spans(text))

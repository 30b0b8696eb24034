"""A sentence in, who it says is speaking out, with the part of it that rests on their word. Judged by its form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.facts.names import Name, names_in
from rag.facts.vocabulary import FUNCTION_WORDS, OPENERS, ROLES


def _either(words: str) -> str:
    return "|".join(words.split())


# Verbs whose object is what somebody says. What follows some of them keeps out their other meanings.
_SAYS = _either(
    r"""
    says? said tells? told argu(?:es?|ed) insist(?:s|ed)? alleg(?:es?|ed) assert(?:s|ed)? contend(?:s|ed)?
    stress(?:es|ed)? emphasi[sz](?:es?|ed) stat(?:es?|ed) caution(?:s|ed)? remark(?:s|ed)? reiterat(?:es?|ed)
    warn(?:s|ed)?(?!\soff) (?:re)?affirm(?:s|ed)? complain(?:s|ed)? predict(?:s|ed)? forecast(?:s|ed)?
    estimat(?:es?|ed) reckon(?:s|ed)? blam(?:es?|ed) testif(?:y|ies|ied) mention(?:s|ed)? point(?:s|ed)?\s(?:out|to)
    not(?:es?|ed)(?!\sdown) doubt(?:s|ed)? reported(?!\s(?:to|for|on)\b) accus(?:es?|ed)(?=\s.*\bof\b)
    den(?:y|ies|ied)(?!\s(?:bail|entry|access|permission)) describ(?:es?|ed)(?=\s.*\bas\b)
    claim(?:s|ed)?(?!\s(?:\w+\s){0,2}(?:li(?:fe|ves)|victims?|title|spot|cup|medal|victory|win|prize|asylum|benefits?)\b)
    call(?:s|ed)?(?=\s(?:it|him|her|them|this|that|the|his|its|their)\b(?!(?:\s\w+)?\s(?:election|strike|vote|poll)))
    puts?(?=\s(?:the|its|their)\s[\w\s]{3,40}\sat\s)
    """
)
# Verbs that have other objects, too: they count with "that", a colon, a quotation or a clause behind them.
_MAY_SAY = _either(
    r"""
    adds? added reports? announc(?:es?|ed) confirm(?:s|ed)? finds? found writes? wrote declar(?:es?|ed) reveal(?:s|ed)?
    disclos(?:es?|ed) conclud(?:es?|ed) believ(?:es?|ed) thinks? thought expect(?:s|ed)?(?!\sto\b) hop(?:es?|ed)
    explain(?:s|ed)? maintain(?:s|ed)? recall(?:s|ed)? repl(?:y|ies|ied) respond(?:s|ed)? admit(?:s|ted)? learned
    acknowledg(?:es?|ed) calculat(?:es?|ed) post(?:s|ed)? underlin(?:es?|ed) underscor(?:es?|ed) fear(?:s|ed)?
    repeat(?:s|ed)? continued ask(?:s|ed)? promis(?:es?|ed) pledg(?:es?|ed) vow(?:s|ed)? jok(?:es?|ed)
    """
)
_CLOSING = _either("show(?:ed)? suggest(?:s|ed)? indicat(?:es?|ed)")  # things do that, too, but not behind a comma
_VERB = re.compile(rf"(?<![\w’'-])(?:(?P<says>{_SAYS})|(?P<may_say>{_MAY_SAY})|{_CLOSING})(?![\w’'-])")
_WITH_CLAUSE = re.compile(
    r"(?:\s(?:on|in|to|at|from)\s[^,;:“”]{1,50}?)?\s?(?:that\b|:|,?\s?[“\"])"
    r"|(?:\s[\w’'-]+){1,6}?(?<!that)(?<!which)(?<!who)"
    r"\s(?:is|are|was|were|will|would|had|has|have|could|may|might|must|should|can|did|does)\b"
)
# What may stand between a verb and the end of what it closes: "X told reporters on Tuesday,"
_CLOSES = re.compile(
    r"(?:\s(?!that\b)(?:[\w’'-]+\s){0,4}?[\w’'-]+)??"
    r"(?:\s(?:on|in|at|to|from|during|after|before|late|earlier|again|also|too|by|of|through|via)\b[^,;:“”]{0,60}?)?"
    r"\s?(?=,|;|\s[–—]\s|\.?[”\"]?\.?$)"
)
_SAID_X = re.compile(
    r"[,?!”\"]\s*(?:said|says|add(?:s|ed)|not(?:es|ed)|explain(?:s|ed)|warn(?:s|ed)|argu(?:es|ed)|insist(?:s|ed)|wrote"
    r"|writes|report(?:s|ed)|admit(?:s|ted)|complain(?:s|ed)|recall(?:s|ed)|jok(?:es|ed)|stress(?:es|ed)|ask(?:s|ed))"
    r"\s(?P<who>[^,;:.”]+)"
)
_COLON = re.compile(r"^(?P<who>[^,;:“”\"]{3,90}):\s*[“\"]")
# Who says it without such a verb, and how near to the one who said it: see `Voice.rank`.
_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), rank)
    for pattern, rank in (
        (
            r"\b(?:according\sto|in\sthe\s(?:words|view|opinion)\sof|by\sthe\saccount\sof|quoted\sby"
            r"|as\s(?:reported|quoted|cited|told)\sby)\s(?P<who>[^,;:”—–]+)",
            0,
        ),
        (r"\b(?:in|by)\s(?P<who>his|her|their|its|[\w\s’'-]{2,50}[’'])s?\s(?:view|opinion|words|account|reading)\b", 1),
        (r"^as\s(?P<who>[^,;:]+?)\s(?:puts?\sit|sa(?:ys|id)|noted|reported|explained)\b", 1),
        (r"^(?P<who>[^,;:“”]+?)\s(?:is|was|were)\squoted\b", 1),
        (r"^(?P<who>[^,;:“”]+?)\squot(?:es|ed)\s(?!by\b)[^,;:“”]+\sas\s(?:saying|having)\b", 0),
        (r"\b(?:quot|cit)(?:es?|ed|ing)\s(?P<who>[^,;:“”]+?)(?=\sas\s(?:saying|having)|,|\.?$)", 2),
    )
)
_SAYING = re.compile(r",\s(?:saying|adding|arguing|noting|warning|claiming|insisting|stressing|alleging|stating)\b")

PRONOUN = re.compile(r"he|she|it|they|both|his|her|its|their", re.IGNORECASE)
_BORDER = re.compile(r"[“”\";:\n]|\s[–—-]\s|\((?:[^)]*\)\s[–—-]\s)?")
_QUOTATION_END = re.compile(r"[,.?!…–—-]\s*[”\"]\s*$|[”\"]\s*,\s*$|[;:–—]\s*$|\s-\s$")
_JOINT = re.compile(r"\b(?:and|but|while|whereas|although|because|after|before|as|that|when|where|if|since|than|so)\s")
BELONGING = re.compile(r"\s(?:of|in|at|from|for|with|to|who|which|that)\b")  # what follows says whose or which
_RELATIVE = re.compile(r"\b(?:who|which|that|whose|whom)\b")
_FINITE = (
    r"\b(?:\w+n[’']t|is|are|was|were|has|have|had|will|would|can|could|may|might|must|did|does|do|be|been|being|to|not"
    r"|never|said|told|took|went|came|left|met|won|lost|ran|made|gave|got|held|saw|sold|bought|led|fell|rose|grew|began|sent"
    r"|spoke|wrote|flew|stood|sat|paid|kept|brought|drew|threw|fought|sought|chose|broke)\b"
)
_HAS_VERB = re.compile(rf"{_FINITE}|\b[a-z]\w+ed\b")
_OPENING_PHRASE = re.compile(rf"(?:\w[\w’'-]*\s){{1,5}}?(?={_FINITE}|\w+ed\b|(?:which|who|in|of|at|for|from)\b)")
_OFFICE = re.compile(rf"[’']s?(?:\s[a-z][\w-]*){{1,4}}?(?=,|\s(?:{_FINITE}|\w+ed\b))")
_ADVERBIAL = re.compile(
    r"^(?:(?:in|on|at|after|before|during|since|by|for|with|from|speaking|asked|when|while|if|as|although|though|given"
    r"|despite|under|over|through|among|along|quoted|because|until|citing|instead|meanwhile|however|moreover|earlier"
    r"|later|then|also|still|finally|asking|writing|answering|yesterday|today|(?:last|this|next)\s\w+)\b"
    r"|\w{6,}ly$|\w+\s(?:later|earlier|ago)$)",
    re.IGNORECASE,
)
_ADVERB_BEFORE = re.compile(
    r"\b(?:also|later|further|earlier|then|again|now|still|already|once|\w{3,}ly|has|have|had|himself|herself|itself)\s*$"
)
_OPENER = re.compile(
    r"^(?:and|but|yet|still|so|then|now|also|later|earlier|meanwhile|(?:on|last|this|early|late)\s(?:\w+day|\w*week|month"
    r"|year)(?:\s(?:morning|evening|night))?)\s(?!of\b)",
    re.IGNORECASE,
)
_WHEN_AND_WHERE = re.compile(
    r"\s(?:on\s(?:\w+day|\d|[A-Z]\w+\s\d)|in\s(?:an?\s|the\s)?(?:statement|interview|letter|post|\w+uary|\d{4})|late\son"
    r"|earlier\s(?:on|this)|yesterday|today|who|which|that|as\s(?:saying|having)|when|after|during).*$"
)
_DETERMINERS = frozenset(
    "the a an his her its their our my this these those one two three four five six seven eight nine ten some several"
    " many most both all other another no".split()
)
_NO_SUBJECT = (FUNCTION_WORDS - _DETERMINERS) | {"nobody", "none", "plan", "schedule"}
_PLURAL = re.compile(r"(?:[^si]s|people|police|men|women|children|they|both|media)$|\band\b", re.IGNORECASE)
_THIRD_PERSON = re.compile(r"(?:[^s]s|ed|told|said|found|wrote|thought|put|\s(?:out|to))$")
_ALSO_NOUN = re.compile(
    r"(?:claim|note|state|estimate|forecast|remark|call|doubt|report|find|hope|fear|post|promise|ask)s?$"
)
_NOUN_GOES_ON = re.compile(r"\s(?:of|for|against|about|from|were|are|was|had|have|rose|fell|grew|can|may|will)\b")

# what follows here is no longer what was said, unless it stands in the past as that does
_NEXT_CLAUSE = re.compile(r"(?:;|,\s(?:and|but|while|whereas|yet))\s(?!that\b)(?!.*\b(?:would|had|could|was|were)\b)")
LONGEST = 2000  # characters of a sentence that are read


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody whom a sentence has say what stands at `sentence[start:end]`, in the sentence's own words."""

    speaker: str
    start: int
    end: int
    rank: int = 1  # 0 passes on what somebody else said, 2 is who said it to the one named first


def voices(sentence: str) -> tuple[Voice, ...]:
    """List who is said to say what a sentence says: whoever passes it on before whoever said it.

    A pronoun is listed only if nobody else is, since it then stands for somebody of an earlier sentence.
    """
    read = sentence[:LONGEST]
    heard = sorted((*_formal(read), *_before_verbs(read)), key=lambda voice: (voice.rank, voice.start))
    named = [voice for voice in heard if not PRONOUN.fullmatch(voice.speaker)]
    found: dict[str, Voice] = {}
    for voice in named or heard:
        found.setdefault(voice.speaker, voice)
    return tuple(found.values())


def subject(sentence: str) -> str:
    """Give the noun phrase that opens a sentence, or "" if none is made out."""
    text = sentence[:LONGEST]
    while "," in text and _ADVERBIAL.search(text.partition(",")[0]):
        text = text.partition(",")[2].strip()
    text = _OPENER.sub("", text)
    first = text.partition(" ")[0]
    if PRONOUN.fullmatch(first) and first.lower() not in _DETERMINERS:
        return first
    names = names_in(text)
    if names and _opens(text, names[0]):
        return _with_office(text, names)
    match = _OPENING_PHRASE.match(text)
    return match[0].strip() if match and match[0].split()[0].lower() in _DETERMINERS | OPENERS | ROLES else ""


def _with_office(text: str, names: Sequence[Name]) -> str:
    """Take what belongs to a name that opens a text: its title, its like ("Iran and Oman"), or "'s office"."""
    name, following = names[0], names[1] if len(names) > 1 else None
    if following and text[name.end : following.start].strip() == "and":
        return text[: following.end]
    if office := _OFFICE.match(text, name.end):
        return following.text if following and following.start == office.end() + 2 else text[: office.end()]
    return name.text if "," in text[: name.start] else text[: name.end]


def _opens(text: str, name: Name) -> bool:
    """Tell whether no more than a title stands before a name: "club owner Dag Holte"."""
    before = text[: name.start].lower().split()
    return len(before) <= 4 and not (FUNCTION_WORDS - _DETERMINERS).intersection(before)


def _formal(sentence: str) -> Iterator[Voice]:
    """Find speakers before whom no verb of saying stands: "according to X", "citing X", "X: “…”", "…, said X"."""
    for pattern, rank in (*_FORMS, (_SAID_X, 1), (_COLON, 1)):
        for match in pattern.finditer(sentence):
            who = _WHEN_AND_WHERE.sub("", match["who"].partition("\n")[0]).strip(" .’'")
            if is_subject(who) and (pattern not in (_SAID_X, _COLON) or _is_name_like(who)):
                yield Voice(within(who), 0, len(sentence), rank)
    if (saying := _SAYING.search(sentence)) and (who := subject(sentence)):
        yield Voice(within(who), saying.end(), len(sentence))


def _is_name_like(phrase: str) -> bool:
    """Tell whether words are a subject and no clause: "said the mayor", but not "said the mayor had left"."""
    named = _RELATIVE.split(phrase)[0]
    return not (PRONOUN.fullmatch(phrase) or re.search(_FINITE, named) or _VERB.search(named))


def _before_verbs(sentence: str) -> Iterator[Voice]:
    """Find the subjects of verbs of saying: what follows the verb rests on their word, or what it closes."""
    for verb in _VERB.finditer(sentence):
        following = sentence[verb.end() :]
        who, may_close = _subject_of(sentence[: verb.start()])
        if not who or not _agrees(who, verb[0], following):
            continue
        if may_close and _CLOSES.match(following):
            yield Voice(within(who), 0, len(sentence))
        elif verb["says"] or (verb["may_say"] and _WITH_CLAUSE.match(following)):
            goes_over = next((match.start() for match in _NEXT_CLAUSE.finditer(following)), len(following))
            yield Voice(within(who), verb.end(), verb.end() + goes_over)


def _subject_of(text: str) -> tuple[str, bool]:
    """Find the subject of a verb in the text before it, and whether that text has something else that it may close."""
    while (shorter := _ADVERB_BEFORE.sub("", text.rstrip())) != text:
        text = shorter
    if text.endswith((" and", " but")):
        return subject(text), False
    start = max((match.end() for match in _BORDER.finditer(text)), default=0)
    parts = [part.strip() for part in re.split(r",(?!\d)", text[start:])]
    if not parts[-1]:
        return _named_in_apposition(parts[:-1], closes=start > 0)
    who = _phrase(parts[-1])
    is_whole = parts[-1].endswith(who) and not _JOINT.search(parts[-1][: -len(who)])
    said_before = _QUOTATION_END.search(text[:start]) or not all(map(_ADVERBIAL.search, parts[:-1]))
    return who, is_whole and bool(said_before)


def _named_in_apposition(parts: list[str], *, closes: bool) -> tuple[str, bool]:
    """Choose the name in "Jane Roe, the mayor," and in "the mayor, Jane Roe,"; what stands before them is closed."""
    for number in range(len(parts) - 1, 0, -1):
        part, head = parts[number], _phrase(parts[number - 1])
        named, head_named = names_in(part), names_in(head)
        if named and named[0].text == part and not (head_named and head.endswith(head_named[-1].text)):
            return part, closes or number > 1 or not head
        if head and (head_named or number == 1):
            return head, closes or (number > 1 and not _ADVERBIAL.search(parts[0]))
    return _phrase(parts[0]) if parts and closes else "", False


def _phrase(text: str) -> str:
    """Cut a subject out of the words before its verb, or give "" if they are none."""
    text = _OPENER.sub("", text.strip())
    joints = [match for match in _JOINT.finditer(text) if match[0] != "and " or _HAS_VERB.search(text[: match.start()])]
    head = _RELATIVE.split(text)[0].strip()
    if joints and not (_RELATIVE.match(joints[-1][0]) and is_subject(head) and not _HAS_VERB.search(head)):
        text = text[joints[-1].end() :]
    return text if is_subject(text) and not re.search(_FINITE, _RELATIVE.split(text)[0]) else ""


def is_subject(phrase: str) -> bool:
    """Tell whether words have the form of a subject that may say something."""
    words = phrase.split()
    if PRONOUN.fullmatch(phrase):
        return True
    if not words or len(words) > 16 or phrase.endswith(("’s", "'s", "s’", "s'")) or _ADVERBIAL.search(phrase):
        return False
    first, last = words[0].lower(), words[-1].lower()
    if first in _NO_SUBJECT or last in FUNCTION_WORDS:
        return False
    known = first in _DETERMINERS | OPENERS | ROLES
    return known or words[0][0].isupper() or bool(_PLURAL.search(last) or names_in(phrase))


def _agrees(who: str, verb: str, following: str) -> bool:
    """Tell whether a verb can be that of a subject: "the police say", "the firm claims", but not "false claims of"."""
    if _ALSO_NOUN.match(verb) and _NOUN_GOES_ON.match(following):
        return False
    return _THIRD_PERSON.search(verb) is not None or _PLURAL.search(BELONGING.split(who)[0]) is not None


def within(phrase: str) -> str:
    """Write what may open a sentence as it stands within one: "The mayor" is "the mayor", "Lena Orth" stays."""
    first, _, rest = phrase.partition(" ")
    is_common = first.lower() in FUNCTION_WORDS or (first.lower() in OPENERS | ROLES and not rest[:1].isupper())
    return phrase[:1].lower() + phrase[1:] if is_common and (first == "A" or not first.isupper()) else phrase

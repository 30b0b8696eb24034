"""A text and the place of a date in it in, what the words around it say of it out. Pure."""

from __future__ import annotations

import re


def _words(listed: str) -> str:
    return "|".join(listed.split())


_MODALS = _words("will won['’]t shall would could should must might can cannot \\w+['’]ll")
_PLANS = _words(
    """due(?!\\sto\\s) scheduled expected slated planned likely unlikely plan plans planning hopes hoping upcoming
    unless deadline"""
)
_MEANT = _words(  # to do something
    """agree agreed agrees aims aimed decided hoped intend intends intended invited offered ordered pledged pledges
    prepared preparing promised promises urged vowed vows want wants wanted threatened threatens"""
)
_DUE_TO = _words(  # and not because of
    """be begin start open close end go take meet vote appear return arrive expire play stand launch hold visit face run
    speak testify leave resume finish report give make"""
)
_TIMETABLE = _words(  # of which the present tense speaks of what is to come
    "begins starts opens closes ends meets votes resumes returns expires plays sits"
)
_HAPPENED = _words(
    """said told says was were had has have did began became broke brought built came drew fell felt flew fled found
    fought froze gave went grew heard held hid hit kept knew led left lost made paid quit ran rose sailed sank sat saw
    sent shot shook sold spent spoke spread stood stole struck swam swore swept taught threw took tore won wore wrote
    \\w{2,}ed"""
)
_VERB = re.compile(
    r"\b(?:"
    rf"(?P<was_to_come>had\s(?:been\s)?(?:{_PLANS}))"
    rf"|(?P<to_come>(?:{_MODALS})(?:\s(?:not|also|now|then|\w+ly|be|have|been|get))*(?:\s(?:{_HAPPENED})\b)?|{_PLANS}"
    rf"|due\sto\s(?:{_DUE_TO})|(?:takes?|go(?:es)?)\s(?:place|on\ssale|on\sshow|on\strial)|may(?=\s[a-z])|going\sto|set\s(?:to|for)|(?:is|are|was|were)\s(?:to|set|due)"
    rf"|(?:{_MEANT})\sto|(?:moved|postponed|delayed|put\soff|rescheduled|adjourned|extended)\s(?:to|until|till|for)"
    rf"|{_TIMETABLE}|(?:takes?|comes?)\s(?:effect|into\s\w+)|goes\s(?:on|up|into)|(?:is|are)(?=\s$))"
    rf"|(?P<happened>{_HAPPENED})"
    r")(?!\w)"
)
_SENTENCE = 240  # characters to either side of a date within which its verb stands
_BREAK = re.compile(r"(?<=[\w”\"’)])[.!?;]+[”\"’)]*\s+(?=[“\"‘(]?[A-Z])|\n")
_LEADING = re.compile(
    r"(?:^|\s)(?:on|in|by|at|from|until|since|during|for|over|between|before|after|as|of|early|late|back|starting|the"
    r"|a|statement|interview)\s*$",
    re.IGNORECASE,
)
_CLAUSE_OPENS = re.compile(r"(?:^|[,;:–—(“\"]|\b(?:and|but|that|when|while|where|who|which))\s*$")


def is_to_come(text: str, start: int, end: int) -> bool:
    """Tell whether a sentence speaks of the time `text[start:end]` as one that is to come."""
    before = _BREAK.split(text[max(0, start - _SENTENCE) : start])[-1]
    behind = _BREAK.split(text[end - 1 : end + _SENTENCE])[0][1:]
    verbs = [*_VERB.finditer(before)][-1:]
    following = [*_VERB.finditer(behind)][:1]
    if _opens_clause(before):
        verbs = following or verbs
    return any(verb["to_come"] for verb in verbs or following)


def _opens_clause(before: str) -> bool:
    while leading := _LEADING.search(before):
        before = before[: leading.start()]
    return bool(_CLAUSE_OPENS.search(before))


_STAMP = re.compile(
    r"(?:^|[\n(|•·])\s*(?:(?:last|first)\s)?(?:updated?|published|posted|modified)\W*(?:on\s|at\s)?$"
    r"|(?-i:\b(?:Updated?|Published|Posted|Modified)[:,]?\s$)|\(@\w+\)\s$",
    re.IGNORECASE,
)
_CLOCK_STAMP = re.compile(r"(?:^|[\n|]\s?|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\s)$")
_CLOCK = re.compile(r",?\s(?:at\s)?\d{1,2}[:.]\d\d\b")
_CLOCK_BEFORE = re.compile(  # "Last updated at 14:47 GMT, Wednesday, 28 September 2011"
    r"\b\d{1,2}[:.]\d\d(?:\s?(?:GMT|BST|UTC|UK|CET|E[SD]?T|P[SD]?T|[ap]\.?m\.?|local|time))*[,|]?\s*(?:\w+day,?\s*)?$",
    re.IGNORECASE,
)
_CLOCK_BEHIND = re.compile(r"\s*[-–—|,]?\s*(?:\d{1,2}[:.]\d\d\b|(?:last\s)?updated\b)", re.IGNORECASE)
_YEAR = re.compile(r"\d{4}")
_DATELINE = re.compile(r"(?:^|\n)[A-Z][A-Z.'’-]+(?:[ ,]+[A-Z][\w.'’-]+)*,?\s+\(?$")
_DATELINE_ENDS = re.compile(r"\)?\s*(?:\([^)\n]{1,40}\))?\s*[-–—]")
_CREDIT = re.compile(
    r"(?:\b(?:photo|photograph|image|picture|file|credit|courtesy)s?\b[^.\n]{0,80}[:/]?|\([^()\n]{0,80}/[^()\n]{0,60})$",
    re.IGNORECASE,
)
_CREDITED = re.compile(r"[.,]?\s*\((?:photo|image|picture|file|credit)", re.IGNORECASE)
_SIGNED = re.compile(r"\b(?:held|made|built|struck|\w{3,}ed)\b(?:\s[\w’'-]+){0,6}\s(?:in|on)\s$")
_STANDS = re.compile(r"\s(?:is|are|was|were|has|have|had|will|would|remains?|aims?|calls?|expires?)\b")
_OWNED = re.compile(r"['’]s?\b|['’](?=\s)")
_DETERMINED = re.compile(r"\b(?:the|an?|its|their|his|her|our|these|those|['’]s)\s$", re.IGNORECASE)
_NOUN = re.compile(
    r"\s(?!(?:"
    + _words("""
    and or but nor as at by for from in into of off on onto out over to toward towards under until up with within
    without about above across after against along amid among around before behind below beside between beyond despite
    down during except inside near outside past per since through while when where which who that than if because
    unless is are was were be been being has have had do does did will would shall should can could may might must
    he she it they we you i the a an this these those his her its their there not also only""")
    + r")\b)[\w“‘]"
)
_OF = re.compile(r"(\w+)\sof\s(?:the\s)?$")
_TIMES = frozenset(
    """morning afternoon evening night nights day days week weeks weekend month months quarter half year years spring
    summer autumn fall winter end beginning start middle part parts course most much all out rest early late hours eve
    dawn close first second third fourth as one some instead because ahead both""".split()
)


def belongs_to_a_thing(text: str, start: int, end: int) -> bool:
    """Tell whether a date says which thing is meant, or when a text was written: "the 2023 pact", "Updated May 3"."""
    before, behind, said = text[max(0, start - _SENTENCE) : start], text[end : end + _SENTENCE], text[start:end]
    of = _OF.search(before)
    named = _DETERMINED.search(before) or said.startswith(("the ", "The "))
    return bool(
        _STAMP.search(before)
        or _CREDIT.search(before)
        or _CREDITED.match(behind)
        or (_CLOCK_STAMP.search(before) and _CLOCK.match(behind))
        or (_YEAR.search(said) and (_CLOCK_BEFORE.search(before) or _CLOCK_BEHIND.match(behind)))
        or (_DATELINE.search(before) and _DATELINE_ENDS.match(behind))
        or _OWNED.match(behind)
        or (of and of[1].lower() not in _TIMES)
        or (named and _NOUN.match(behind))
        or (_SIGNED.search(before) and _STANDS.match(behind))
    )


_QUOTE = re.compile(r"“[^”\n]*”|\"[^\"\n]*\"")


def around_quotes(text: str) -> list[tuple[range, tuple[range, range]]]:
    """Find what is quoted, each with the rest of its sentence: what stands behind it and what before."""
    found = []
    for quote in _QUOTE.finditer(text):
        before = _BREAK.split(text[max(0, quote.start() - _SENTENCE) : quote.start()])[-1]
        behind = _BREAK.split(text[quote.end() - 2 : quote.end() + _SENTENCE])[0][2:]
        rest = range(quote.end(), quote.end() + len(behind)), range(quote.start() - len(before), quote.start())
        found.append((range(*quote.span()), rest))
    return found


def is_one_sentence(text: str) -> bool:
    """Tell whether no sentence ends in a text."""
    return not _BREAK.search(text)

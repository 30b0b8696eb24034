"""An article and its sentences in, what it says only on somebody's word out, pronouns and quotations followed."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rag.facts.names import names_in
from rag.facts.places import country_around
from rag.facts.vocabulary import ROLES
from rag.facts.voices import BELONGING, PRONOUN, subject, voices, within

Span = tuple[int, int]

LOOKED_BACK = 4  # sentences in which whoever a pronoun means is looked for
_MARKS = '“”"'
_MARK = re.compile(r"(?P<opens>“|(?<![^\s(\[])\"(?=\S))|[”\"]")
_ITEM = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s")
_LISTS = re.compile(
    r"\b(?:sa(?:id|ys?)|told|demand\w*|want\w*|list\w*|ask\w*|call\w*|propos\w*|requir\w*|urg\w*)\b.*:$"
)
_REPORTS_ON = re.compile(r"\bwould (?!have\b)")  # said in the past of what was to come
_WOMAN = re.compile(
    r"\b(?:\w*woman|mrs|ms|queen|mother|wife|sister|daughter|princess|baroness|lady|girl)\b", re.IGNORECASE
)
_MAN = re.compile(
    r"\b(?:(?!wo)\w*(?<!wo)man|mr|sir|king|father|husband|brother|son|prince|lord|boy|imam)\b", re.IGNORECASE
)
_PERSON = re.compile(
    r"(?:man|woman|person|boy|girl|father|mother|brother|sister|son|daughter|ist|ian|yer|farmer|driver|teacher|owner"
    r"|witness|nurse|clerk|officer|planner|trainer|player|keeper|striker|worker|engineer|expert|neighbou?r|resident"
    r"|victim|defendant|author|writer|singer|student|pupil|pilot|dean|auditor|scientist|researcher|analyst|official)$"
)
_BODY = re.compile(
    r"\b(?:ministry|council|agency|party|university|bank|company|news|office|court|police|union|committee|commission|army"
    r"|front|guard|board|parliament|cabinet|government|association|organi[sz]ation|group|statement|report|study|letter"
    r"|post|line|media|television|radio|tv|institute|club|department|authority|federation|times|herald|gazette|figures"
    r"|staff|analysis|article|survey|caption)\b",
    re.IGNORECASE,
)
_PLURAL = re.compile(r"(?:[^si]s|people|men|women|children|both|media|police)$|\band\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Speech:
    """What `text[start:end]` says rests on the word of a speaker, which somebody else may pass on."""

    start: int
    end: int
    speaker: str  # as the text spells it
    relay: str = ""  # "IRNA" in "IRNA reported that Araghchi called …"


def speeches(text: str, sentences: Sequence[Span]) -> tuple[Speech, ...]:
    """Find what a text says only on somebody's word. `sentences` are the spans of its sentences, in order."""
    reading = _Reading(text, sentences)
    for number in range(len(sentences)):
        if spoken := reading.told(number) or reading.carried_on(number):
            reading.found[number] = spoken
    return tuple(reading.found.values())


@dataclass
class _Reading:
    """A text read up to some sentence, with the speech found in each so far."""

    text: str
    sentences: Sequence[Span]
    found: dict[int, Speech] = field(default_factory=dict)

    def sentence(self, number: int) -> str:
        return self.text[slice(*self.sentences[number])]

    def told(self, number: int) -> Speech | None:
        """Find the speakers whom a sentence names, or means by a pronoun."""
        heard = [(voice, who) for voice in voices(self.sentence(number)) if (who := self._meant(voice.speaker, number))]
        if not heard:
            return None
        (_, relay), (voice, speaker) = heard[0], heard[-1]
        start = self.sentences[number][0]
        return Speech(start + voice.start, start + voice.end, speaker, relay if relay != speaker else "")

    def carried_on(self, number: int) -> Speech | None:
        """Find the speaker of a sentence that names none: in a list or a quotation, or where one reports on."""
        start, end = self.sentences[number]
        own, last = self.sentence(number), self.found.get(number - 1)
        before = self.text[self.sentences[number - 1][1] : start] if number else "\n"
        if (_ITEM.match(own) or own[0] in _MARKS) and (who := self._lister(number)):
            return Speech(start, end, who)
        if self._is_quoted(number):
            return Speech(start, end, last.speaker, last.relay) if last else self._told_behind(number)
        if last and "\n" not in before and _REPORTS_ON.search(own):
            return Speech(start, end, last.speaker, last.relay)
        return None

    def _meant(self, who: str, number: int) -> str:
        """Name whom a pronoun means, the last speaker or subject that it fits; other words mean themselves."""
        if not PRONOUN.fullmatch(who):
            return who
        for at in range(number - 1, max(-1, number - 1 - LOOKED_BACK), -1):
            speech, opening = self.found.get(at), within(subject(self.sentence(at)))
            for candidate in (speech.speaker, opening, speech.relay) if speech else (opening,):
                if candidate and not PRONOUN.fullmatch(candidate) and can_mean(who.lower(), candidate):
                    return candidate
        return ""

    def _lister(self, number: int) -> str:
        """Name who gives the list that a line stands in, or the quotation that follows on a colon."""
        for at in range(number - 1, -1, -1):
            line = self.sentence(at)
            if not _ITEM.match(line):
                return within(subject(line)) if _LISTS.search(line) else ""
        return ""

    def _is_quoted(self, number: int) -> bool:
        """Tell whether a sentence stands in quotation marks as a whole."""
        start, _ = self.sentences[number]
        last = bisect_right(self._marks, start, key=re.Match.start) - 1
        if last < 0 or not self._marks[last]["opens"] or "\n\n" in self.text[self._marks[last].start() : start]:
            return False
        return not _MARK.search(self.sentence(number).rstrip(".")[1:-1])

    @cached_property
    def _marks(self) -> list[re.Match[str]]:
        return list(_MARK.finditer(self.text))

    def _told_behind(self, number: int) -> Speech | None:
        """Find who says a quotation whose speaker is named only at its end."""
        for at in range(number + 1, len(self.sentences)):
            if spoken := self.told(at):
                return Speech(*self.sentences[number], spoken.speaker, spoken.relay)
            if not self._is_quoted(at):
                break
        return None


def can_mean(pronoun: str, who: str) -> bool:
    """Tell whether a pronoun can stand for somebody, as far as the words show."""
    if pronoun == "both":
        return " and " in who
    if pronoun in ("they", "their"):
        return _is_several(who) or _BODY.search(who) is not None
    if pronoun in ("it", "its"):
        return not (is_person(who) or _is_several(who))
    other = _MAN if pronoun in ("she", "her") else _WOMAN
    return is_person(who) and not other.search(who)


def is_person(who: str) -> bool:
    """Tell whether words name one person: by a name that is no country or body, or by what the person does."""
    head = BELONGING.split(who)[0]
    if not head or _is_several(who) or _BODY.search(head):
        return False
    occupation = head.split()[-1].lower()
    named = any(not country_around(name.text) and not name.text.isupper() for name in names_in(head))
    return named or occupation in ROLES or _PERSON.search(occupation) is not None


def _is_several(who: str) -> bool:
    counted = who.split()[0].lower() in ("two", "three", "several", "both", "some")
    return counted or " and " in who or (who.islower() and _PLURAL.search(who) is not None)

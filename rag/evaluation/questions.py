"""A sentence of an article in, questions that it answers out, as a person would ask them. Pure.

Only the plainest sentences are asked about: those that say what somebody they name at their beginning did or said.
Of "Marit Solvang opened the line in Oskel on 3 June 2024." come "When did Marit Solvang open the line in Oskel?",
"Who opened the line in Oskel on 3 June 2024?" and "What happened on 3 June 2024?".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rag.facts.dates import dates_in
from rag.facts.names import Name, is_plain, names_in

IsWord = Callable[[str], bool]  # whether a word in lower case is an ordinary one
Answers = tuple[tuple[str, ...], ...]  # the alternatives of which one each must be in an answer

WORDS = range(6, 26)  # of a question: a shorter one tells too little, a longer one nobody would ask

# what people do on a day, so that a date at the end is that of the deed; with the form that follows "did"
_DATED = dict(
    entry.split("/")
    for entry in """
    acquired/acquire approved/approve arrested/arrest beat/beat bought/buy defeated/defeat founded/found held/hold
    invaded/invade joined/join killed/kill launched/launch met/meet opened/open published/publish rejected/reject
    released/release signed/sign sold/sell unveiled/unveil visited/visit won/win
    """.split()
)
_IRREGULAR = frozenset("became began built fell gave led lost made paid rose sent taught took went wrote".split())
_SAID = frozenset(
    """
    affirmed announced argued claimed confirmed denied estimated explained hoped insisted noted pledged predicted
    promised reported revealed said stressed told vowed warned
    """.split()
)
# after these, something was done to the subject, "Solvang accused of theft …", or a verb has no object, "moved up"
_NO_OBJECT = frozenset("as at away back by down during for from in into of off on out over to up well with".split())
# what only the sentences before explain, or the day of the article
_POINTING = frozenset(
    """
    he she it they him her them his hers its their theirs himself herself itself themselves i me my we us our ours you
    your this these those there here such same another former latter so ago again already earlier last later next now
    previous previously recently still then today tonight too tomorrow yesterday yet
    """.split()
)
# what another clause has, which could not follow "did" and whose the date at the end could be
_OF_CLAUSES = frozenset(
    """
    after although are as be because been before being but can could did do does had has have how if is may might must
    should since than that though until was were what when where whether which while who whom whose why will would
    """.split()
)

# a word may be "al-Araji's", "$2.5" or "30%"
_WORD = r"[$£€]?[^\W_]+(?:[-.,'’][^\W_]+)*%?"
# words and single spaces, and no comma but that in "June 3, 2024": other marks make a sentence less plain
_PLAIN = re.compile(rf"{_WORD}(?:(?: |, (?=\d{{4}}\b)){_WORD})*")
_ASIDE = re.compile(r", (?:after|and|as|but|in|where|which|while|who|with)\b.*")  # what a deed is told without
# "that would help" points back, and "that the line would open" does not
_POINTING_BACK = re.compile(r"\bthat (?!(?:the|a|an|any|all|no) |[A-Z])|\bthe (?:company|firm|game|team|two)\b")


@dataclass(frozen=True, slots=True)
class Question:
    """A question, what kind it is, and what must be in an answer."""

    type: str
    text: str
    answers: Answers


def questions_on(sentence: str, is_word: IsWord) -> tuple[Question, ...]:
    """Ask what a sentence answers, the most telling first; nothing unless it is plain and clear by itself."""
    subjects = _subjects(sentence, is_word)
    if not subjects or not sentence.endswith("."):
        return ()
    subject, predicate = sentence[: subjects[-1].end].replace("The ", "the "), sentence[subjects[-1].end : -1]
    verb, _, rest = predicate.removeprefix(" also").removeprefix(" ").partition(" ")
    rest = rest if verb in _SAID else _ASIDE.sub("", rest)
    if not _is_plain(f"{subject} {verb} {rest}") or rest.partition(" ")[0] in _NO_OBJECT:
        return ()
    who = tuple((_short(name, is_word),) for name in subjects)
    return tuple(question for question in _asked(subject, verb, rest, who) if _is_fit(question))


def _subjects(sentence: str, is_word: IsWord) -> tuple[Name, ...]:
    """Find the name with which a sentence begins, or two: "Norway and Denmark"."""
    names = names_in(sentence)[:2]
    if not names or sentence[: names[0].start] not in ("", "The "):
        return ()
    joined = len(names) == 2 and sentence[names[0].end : names[1].start] == " and "
    subjects = names if joined else names[:1]
    return () if any(_may_be_no_name(name, is_word) for name in subjects) else subjects


def _may_be_no_name(name: Name, is_word: IsWord) -> bool:
    """Tell whether a name is but a title, or may be a word that opens a sentence: "Having", "Naturally", "Things"."""
    only = name.text.lower() if len(name.words) == 1 and name.opens else ""
    return all(map(is_plain, name.words)) or (only.endswith(("ing", "ly", "s")) and is_word(only))


def _is_plain(text: str) -> bool:
    """Tell whether a text has nothing in it that a question would trip over, or that points out of it."""
    words = re.split(r"[ '’]", text.lower())
    relative = any(each.relative or each.weekday is not None for each in dates_in(text))
    points = relative or _POINTING_BACK.search(text) or not _POINTING.isdisjoint(words)
    return bool(_PLAIN.fullmatch(text)) and not points


def _asked(subject: str, verb: str, rest: str, who: Answers) -> Iterator[Question]:
    if verb in _SAID:
        yield Question("who-said", f"Who {verb} {rest}?", who)
    elif _is_past(verb) and not any(_is_past(word) or word in _OF_CLAUSES for word in rest.split()):
        if verb in _DATED:
            yield from _on_day(subject, verb, rest, who)
        yield Question("factoid" if len(who) == 1 else "list", f"Who {verb} {rest}?", who)


def _is_past(word: str) -> bool:
    return (word.isalpha() and word.endswith("ed")) or word in _DATED or word in _IRREGULAR


def _on_day(subject: str, verb: str, rest: str, who: Answers) -> Iterator[Question]:
    """Ask when something was done, and what was done on a day, if a date comes last."""
    *_, last = [None, *dates_in(rest)]
    if not last or last.end != len(rest) or not last.month or not (last.day or last.year):
        return
    done, _, preposition = rest[: last.start].rstrip().rpartition(" ")
    if preposition == ("on" if last.day else "in"):
        written = rest[last.start :]
        in_words = last.dates.in_words() if last.dates else written
        answers = (tuple(dict.fromkeys((written, in_words))),)
        yield Question("date", f"When did {subject} {_DATED[verb]} {done}?", answers)
        if last.day and last.dates:
            yield Question("date", f"What happened on {in_words}?", who)


def _is_fit(question: Question) -> bool:
    """Tell whether a question has the right length, names something, and does not give its answer away."""
    _, _, asked = question.text.partition(" ")
    told = any(answer in asked for alternatives in question.answers for answer in alternatives)
    return len(question.text.split()) in WORDS and (question.type == "date" or bool(names_in(asked))) and not told


def _short(name: Name, is_word: IsWord) -> str:
    """Write a name as short as it still tells who is meant: the surname, unless it is a word too."""
    surname = name.words[-1].rpartition("-")[2]
    return name.text if is_word(surname.lower()) else surname

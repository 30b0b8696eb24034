"""The vocabulary of a small invented corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from rag.facts.names import name_key
from rag.language.words import FUNCTION_WORDS, words
from rag.retrieve.spelling import Vocabulary

TEXT = """
Yusuf al-Harithi met Ghazali in Oskel. Harithi spoke of the ferries and the harbour. Qazali disagreed; then Ghazali left
Norway for Denmark. Kaja Lindqvist praised the ferries of Norway and the harbour. Sigrun Halldorsdottir of Iceland
warned negotiators of small quotas. Lindqvist saw Oskel in March, and Solvang opened the second round of the talks.
"""
ENGLISH = """
asked denmark ferry first harbour held iceland march met norway now open opened praise quota round said sailed say
second small speak spoke talks turkey warn warned
"""


@dataclass(frozen=True)
class Counted:
    """The forms of a corpus in a dictionary, as a store keeps them in a table."""

    uses: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, text: str) -> Counted:
        forms = [match.group() for match in words(text)]
        capitalised = Counter(form.lower() for form in forms if form[0].isupper())
        return cls({form: (uses, capitalised[form]) for form, uses in Counter(map(str.lower, forms)).items()})

    def form(self, word: str) -> tuple[int, int] | None:
        return self.uses.get(word)

    def forms_with_key(self, key: str) -> list[tuple[str, int, int]]:
        return [(form, *uses) for form, uses in self.uses.items() if name_key(form) == key]

    def forms_resembling(self, begins: str, ends: str, shortest: int, longest: int) -> list[str]:
        fitting = (form for form in self.uses if shortest <= len(form) <= longest)
        return [form for form in fitting if form.startswith(begins) or form.endswith(ends)]

    def forms(self) -> list[tuple[str, int, int]]:
        return [(form, *uses) for form, uses in self.uses.items()]


def vocabulary(text: str = TEXT, english: str = ENGLISH) -> Vocabulary:
    return Vocabulary(Counted.of(text), (FUNCTION_WORDS | set(english.split())).__contains__)

"""The vocabulary of a small invented corpus."""

from __future__ import annotations

from collections import Counter

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


def vocabulary(text: str = TEXT, english: str = ENGLISH) -> Vocabulary:
    forms = [match.group() for match in words(text)]
    uses = Counter(form.lower() for form in forms)
    capitalised = Counter(form.lower() for form in forms if form[0].isupper())
    ordinary = FUNCTION_WORDS | set(english.split())
    return Vocabulary(uses, {form: capitalised[form] for form in uses}, ordinary.__contains__)

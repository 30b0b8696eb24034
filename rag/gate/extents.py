"""A claim and what it takes up of its quotes in, where it says all for some or adds "only" out. Pure."""

from __future__ import annotations

import re

_HOW_MANY = {
    "all": re.compile(
        r"(?<!\bat )(?<!above )(?<!after )(?<!of )\b(?:all|every|each|every(?:one|body|thing)|any(?:one|body)"
        r"|entire(?:ly)?|whole|always|unanimous(?:ly)?|throughout|complete(?:ly)?|total(?:ly)?|across)\b"
        r"(?! (?:second|minute|hour|day|night|week|month|year|time|summer|winter|spring|autumn)\b)",
        re.IGNORECASE,
    ),
    "most": re.compile(
        r"\bmost of\b|\bmost(?= (?:\w+ )?\w+s\b)|\bmajority\b|\bmostly\b|\blargely\b|\bmainly\b", re.IGNORECASE
    ),
    "some": re.compile(r"\bsome(?! \d)(?! of the most)\b|\bseveral\b|\ba few\b|\bpartly\b|\bin part\b", re.IGNORECASE),
    "few": re.compile(r"(?<!a )\bfew\b|\bhardly any\b|\bminority\b", re.IGNORECASE),
}
_NONE = re.compile(r"\b(?:none|nobody|neither|no one|never)\b", re.IGNORECASE)
_ONLY = re.compile(r"\b(?:only|solely|exclusively)\b", re.IGNORECASE)
_ALONE = re.compile(
    r"\b(?:only|sole(?:ly)?|exclusive(?:ly)?|just|single|alone|merely|mere|but|except|other|unless|not|until|no|first)\b",
    re.IGNORECASE,
)


def stretched(claim: str, said: str) -> str:
    """Say of how many a claim has something that the quotes have of more, fewer or others, or "" if neither is seen."""
    claimed = {extent for extent, words in _HOW_MANY.items() if words.search(claim)}
    given = {extent for extent, words in _HOW_MANY.items() if words.search(said)}
    if claimed and not claimed & given and (given or ("all" in claimed and not _NONE.search(said))):
        return f"says {min(claimed)!r} where its quotes do not"
    if _ONLY.search(claim) and not _ALONE.search(said):
        return "says 'only' where its quotes do not"
    return ""

"""What a text states that can be compared: numbers, dates and names, normalised and with their places. Pure leaves."""

from rag.facts.dates import DateMention, dates_in
from rag.facts.names import Name, name_key, names_in
from rag.facts.numbers import Number, numbers_in, quantities

__all__ = ["DateMention", "Name", "Number", "dates_in", "name_key", "names_in", "numbers_in", "quantities"]

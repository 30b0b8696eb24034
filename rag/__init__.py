"""Dateline: answers from news articles, every sentence backed by a passage quoted word for word."""

__version__ = "0.1.0"

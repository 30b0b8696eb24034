"""Errors meant for people: one line that says what is wrong and what to do next. Everything else is a bug."""


class DatelineError(Exception):
    """The base of all errors whose message may be shown as it is."""


class SettingsError(DatelineError):
    """A setting is missing or makes no sense."""


class UsageError(DatelineError):
    """A command was called wrongly."""


class UnreadableError(DatelineError):
    """A file or page cannot be read as an article."""


class StoreError(DatelineError):
    """The store cannot be reached or is not what it should be."""


class EmptyStoreError(StoreError):
    """There is nothing to search yet."""


class ModelError(DatelineError):
    """The model server did not give a usable answer."""


class SpentError(ModelError):
    """What the model may cost has been spent."""

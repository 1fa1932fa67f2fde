"""The one family of errors that a user may meet.

Every message names the file and place, what was expected, and what to do next. The command line prints the
message alone and exits with code 2; anything else that escapes is a defect of ours.
"""

from __future__ import annotations


class QaScorerError(Exception):
    """The job cannot be done as asked. ``str(error)`` is the whole text for the user."""


class InputError(QaScorerError):
    """An export cannot be read at all (single bad rows go to ``rejects`` instead)."""


class RulebookError(QaScorerError):
    """A rulebook does not stand. The text holds every diagnostic of every file, one after the other."""


class OutputError(QaScorerError):
    """Results cannot be written where the user asked."""


class EngineError(QaScorerError):
    """The processes that judge are gone or cannot be reached."""

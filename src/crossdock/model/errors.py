"""The one error tree: what went wrong, and what to do about it."""

from __future__ import annotations


class CrossdockError(Exception):
    """Base of every error Crossdock raises on purpose.

    Parameters
    ----------
    message
        What is wrong, with the offending value, in one line.
    remedy
        What the reader can do about it, in one line.

    Notes
    -----
    ``exit_code`` is what the command line returns for the error.
    """

    exit_code = 2

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(CrossdockError):
    """The call itself is wrong: an option, a date, a path."""


class InputUnusableError(CrossdockError):
    """A file cannot be used at all: missing, empty, wrong encoding, a required column absent."""


class InvalidValueError(CrossdockError):
    """A single value breaks a rule of the model."""


class InfeasibleError(CrossdockError):
    """A well-formed question has no answer."""

    exit_code = 4


class NotFoundError(CrossdockError):
    """The named thing does not exist in the plan or the files."""

    exit_code = 4


class StoreUnavailableError(CrossdockError):
    """A database cannot be reached or takes nothing more: server down, disk full, read only."""


class ServiceUnavailableError(CrossdockError):
    """A server that is asked for something cannot be reached, or answers nothing of use."""


class GateClosedError(CrossdockError):
    """A release was refused because at least one gate is not passed."""

    exit_code = 4


class WorkerFailedError(CrossdockError):
    """One item of a parallel map failed; the message names the item."""

    exit_code = 1


class InterruptedRunError(CrossdockError):
    """The user asked to stop."""

    exit_code = 130

"""Answers to requests with an idempotency key, kept for those who ask again."""

from crossdock.platform.store.database.idempotency.answers import (
    KeptAnswer,
    KeptAnswers,
    NoTurn,
    Turn,
)

__all__ = ["KeptAnswer", "KeptAnswers", "NoTurn", "Turn"]

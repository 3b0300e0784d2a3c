"""The schema of the API: what is said of each operation, of the whole document, and its examples."""

from apps.core.api_schema.operations import (
    FIND_ERRORS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    KEY_ERRORS,
    MATCH_ERRORS,
    NOT_MODIFIED,
    QUERY_ERRORS,
    READ_ERRORS,
    REFUSED,
    RENDER,
    WRITE_ERRORS,
    ApiSchema,
    describe,
    problem_answer,
    row_action,
)

__all__ = [
    "FIND_ERRORS",
    "IDEMPOTENCY_KEY",
    "IF_MATCH",
    "IF_NONE_MATCH",
    "KEY_ERRORS",
    "MATCH_ERRORS",
    "NOT_MODIFIED",
    "QUERY_ERRORS",
    "READ_ERRORS",
    "REFUSED",
    "RENDER",
    "WRITE_ERRORS",
    "ApiSchema",
    "describe",
    "problem_answer",
    "row_action",
]

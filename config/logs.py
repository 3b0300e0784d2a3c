"""How the product logs: one JSON object a line (in colour while developing), with ids, never with what people wrote."""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

SECRET_IN_PATH = re.compile(r"(/join/|/reset/key/|/confirm-email/)[^/\s]+")
ROW_IN_ERROR = re.compile(r"DETAIL: .*?(?=\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL)


def discreet(text: str) -> str:
    """The text without the secrets that stand in addresses, and without the rows PostgreSQL quotes in its errors."""
    return ROW_IN_ERROR.sub("DETAIL: (left out)", SECRET_IN_PATH.sub(r"\1...", text))


def hide_secrets(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Make a message and its traceback discreet."""
    for name in ("event", "exception"):
        if name in event:
            event[name] = discreet(str(event[name]))
    return event


def processors() -> list[Processor]:
    """What every message goes through, ours and the packages'."""
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        hide_secrets,
    ]


def configure(*, debug: bool, level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING."""
    logging.captureWarnings(True)
    chain = processors()
    structlog.configure(
        processors=[*chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer = structlog.dev.ConsoleRenderer() if debug else structlog.processors.JSONRenderer()
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": chain,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "gunicorn.error": {"handlers": [], "level": level, "propagate": True},  # it has handlers of its own
            "django.security.DisallowedHost": {"level": logging.CRITICAL},
        },
    }


def without_bodies(event: Any, _hint: dict[str, Any]) -> Any:
    """An error report without what people wrote: of the request stay only its method and the named route."""
    request = event.get("request") or {}
    event["request"] = {"method": request.get("method")}
    for name in ("user", "breadcrumbs", "extra"):
        event.pop(name, None)
    for exception in (event.get("exception") or {}).get("values", []):
        exception["value"] = discreet(str(exception.get("value", "")))
    return event


def report_errors(address: str) -> None:
    """Send errors to a Sentry-compatible collector; needs the extra `sentry`."""
    import sentry_sdk  # noqa: PLC0415 - an optional package

    sentry_sdk.init(
        dsn=address,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=without_bodies,
    )

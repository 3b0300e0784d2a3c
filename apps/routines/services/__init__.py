"""Digests: who is due one, what it says, and the mail it becomes."""

from apps.routines.services.digest_mail import render_digest, render_digests
from apps.routines.services.digests import KIND, queue_digests, sweep_digests
from apps.routines.services.morning import MORNING
from apps.routines.services.previews import LABELS, Preview, Which, preview_digest, queue_previews
from apps.routines.services.weekly import WEEKLY

__all__ = [
    "KIND",
    "LABELS",
    "MORNING",
    "WEEKLY",
    "Preview",
    "Which",
    "preview_digest",
    "queue_digests",
    "queue_previews",
    "render_digest",
    "render_digests",
    "sweep_digests",
]

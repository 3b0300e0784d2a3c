"""How often one caller may ask, counted in Redis."""

import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

WINDOW = 60


class CallerThrottle(BaseThrottle):
    """API_RATE requests a minute for each token or signed-in person.

    Fixed windows of a minute. Sets `rate` on the view for the RateLimit headers. Where Redis is away everyone is let
    in: the limit guards against floods, not against people.
    """

    reset = WINDOW

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count this request and say whether it is within the limit."""
        caller = getattr(request.auth, "pk", None) or getattr(request.user, "pk", None) or self.get_ident(request)
        now = int(time.time())
        self.reset = WINDOW - now % WINDOW
        key = f"rate:{caller}:{now // WINDOW}"
        try:
            cache.add(key, 0, timeout=2 * WINDOW)
            count = cache.incr(key)
        except (RedisError, ValueError):
            count = 1
        limit = settings.API_RATE
        view.rate = {"limit": limit, "remaining": max(0, limit - count), "reset": self.reset}
        return count <= limit

    def wait(self) -> float:
        """Seconds until the window ends."""
        return self.reset

"""How often one caller may ask, counted in Redis."""

import time
from typing import Any, cast

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

from apps.core.cache import RedisCache
from apps.core.net import client_address

WINDOW = 60


class CallerThrottle(BaseThrottle):
    """API_RATE requests a minute for each token or signed-in person, and for each address of those who are neither.

    Fixed windows of a minute. Sets `rate` on the view for the RateLimit headers. Where Redis is away everyone is let
    in: the limit guards against floods, not against people.
    """

    reset = WINDOW

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count this request and say whether it is within the limit."""
        caller = getattr(request.auth, "pk", None) or getattr(request.user, "pk", None) or client_address(request)
        now = int(time.time())
        self.reset = WINDOW - now % WINDOW
        key = f"rate:{caller}:{now // WINDOW}"
        try:
            count = cast("RedisCache", cache).count(key, seconds=2 * WINDOW)
        except RedisError:
            count = 1
        limit = settings.API_RATE
        view.rate = {"limit": limit, "remaining": max(0, limit - count), "reset": self.reset}
        return count <= limit

    def wait(self) -> float:
        """Seconds until the window ends."""
        return self.reset

"""What the attacks share with the tests of the API."""

from tests.api.conftest import api_of

__all__ = ["api_of"]

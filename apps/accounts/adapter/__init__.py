"""Where Counterpoise differs from allauth."""

from apps.accounts.adapter.account import AccountAdapter
from apps.accounts.adapter.second_factor import SecondFactorAdapter
from apps.accounts.adapter.social import SocialAdapter

__all__ = ["AccountAdapter", "SecondFactorAdapter", "SocialAdapter"]

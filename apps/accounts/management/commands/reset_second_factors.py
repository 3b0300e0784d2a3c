"""`manage.py reset_second_factors ADDRESS`: for somebody who has lost their second step, or whose key is lost."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from apps.accounts import services
from apps.accounts.models import User


class Command(BaseCommand):
    """What the admin site offers too, for the case that its own people are shut out."""

    help = "Take away an account's authenticator app, passkeys and recovery codes, and sign it out everywhere."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Whose."""
        parser.add_argument("address", help="the account's e-mail address")

    def handle(self, *_args: object, address: str, **_options: object) -> None:
        """Print that it is done. CommandError where no account has the address."""
        user = User.objects.filter(email__iexact=address).first()
        if user is None:
            raise CommandError("No account has this address.")
        services.reset_second_factors(user)
        self.stdout.write(f"{user.email} signs in with their password alone now. Tell them, and ask for a new one.")

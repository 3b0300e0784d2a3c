"""`manage.py load_demo`: the demo workspaces, once."""

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.demo.services.accounts import demo_workspaces, refuse_outside_the_demo
from apps.demo.services.builder import build
from apps.demo.services.story import people


class Command(BaseCommand):
    """Make the demo's two workspaces with a year behind them. A second run changes nothing."""

    help = "Make the demo workspaces; for demos only (DEMO=1), because everybody knows the passwords."

    def add_arguments(self, parser: CommandParser) -> None:
        """One option, for scripts."""
        parser.add_argument("--if-missing", action="store_true", help="say nothing where the demo is there already")

    def handle(self, *_args: object, **options: object) -> None:
        """Refuse outside a demo; else build what is missing and print the password."""
        try:
            refuse_outside_the_demo()
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        if demo_workspaces([people.SLUG, people.CLUB_SLUG]):
            if not options["if_missing"]:
                self.stdout.write("The demo is there already; nothing was changed.")
            return
        build(timezone.now())
        self.stdout.write(f"Made {people.NAME} and {people.CLUB_NAME}.")
        self.stdout.write(f"Everybody there signs in with the password {people.PASSWORD} (see demo_accounts).")

"""`manage.py demo_accounts`: as whom one can sign in."""

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.demo.services.accounts import demo_members, fresh_token, refuse_outside_the_demo
from apps.demo.services.story import people
from apps.workspaces.models import Member


class Command(BaseCommand):
    """Tell one account of each kind, or all of them."""

    help = "Tell as whom one can sign in to the demo."

    def add_arguments(self, parser: CommandParser) -> None:
        """How much, and for whom."""
        parser.add_argument("--json", action="store_true", help="for scripts, with new tokens of the API")
        parser.add_argument("--all", action="store_true", help="everybody instead of one of each kind")

    def handle(self, *_args: object, **options: Any) -> None:
        """Print address, password, role and workspace of each."""
        try:
            refuse_outside_the_demo()
        except PermissionDenied as error:
            raise CommandError(str(error)) from error
        accounts = [
            {
                "email": email,
                "password": people.PASSWORD,
                "role": member.role,
                "workspace": member.workspace.slug,
                **({"token": fresh_token(member, at=timezone.now())} if options["json"] else {}),
            }
            for email, member in self._people(everybody=options["all"])
        ]
        if options["json"]:
            self.stdout.write(json.dumps(accounts))
            return
        for account in accounts:
            self.stdout.write("{role:<8} {email:<34} {password}  {workspace}".format(**account))

    def _people(self, *, everybody: bool) -> list[tuple[str, Member]]:
        keys = {person.key: number for number, person in enumerate(people.PEOPLE)}
        order = people.FEATURED if not everybody else sorted(keys, key=lambda key: keys[key])
        emails = [people.email_of(person) for key in order for person in people.PEOPLE if person.key == key]
        found = [
            (member.workspace.slug, emails.index(member.user.email), member)
            for member in demo_members([people.SLUG, people.CLUB_SLUG], emails)
            if member.user is not None and member.is_active
        ]
        found.sort(key=lambda each: each[:2])
        return [(emails[number], member) for _slug, number, member in found]

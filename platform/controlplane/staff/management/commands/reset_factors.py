"""`manage.py reset_factors ops@example.jp`: for the last operator who lost everything, by whoever runs the server.

While there is another operator, they do it on a page.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from controlplane.accounts.contacts import Channel, Contact, parse_email
from controlplane.accounts.models import User
from controlplane.staff.models import SecondFactor, staff_name
from controlplane.tenancy.commands import PublicCommand


class Command(PublicCommand):
    help = "Take all second factors of one of the staff away; they set them up anew at their next sign-in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        try:
            user = User.objects.staff_for(Contact(Channel.MAIL, parse_email(email)))
        except ValidationError as error:
            raise CommandError(error.messages[0]) from error
        if user is None:
            raise CommandError(f"Nobody of the staff has the address {email}.")
        SecondFactor.objects.of(user).reset(by="manage.py reset_factors")
        self.stdout.write(f"{staff_name(user)} ({email}) sets up a second factor at the next sign-in.")

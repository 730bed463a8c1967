"""The typed request of the apex host."""

from django.http import HttpRequest

from controlplane.accounts.models import User
from controlplane.associations.models import Operator
from controlplane.cities.models import CityStaff


class ApexRequest(HttpRequest):
    """A request on the apex host; `operator` and `city_staff` are falsy for those who are not."""

    user: User  # behind a decorator of web.access nobody is anonymous
    operator: Operator
    city_staff: CityStaff

"""The typed request of the apex host."""

from django.http import HttpRequest

from controlplane.associations.models import Operator
from controlplane.cities.models import CityStaff


class ApexRequest(HttpRequest):
    """A request on the apex host; `operator` and `city_staff` are falsy for those who are not."""

    operator: Operator
    city_staff: CityStaff

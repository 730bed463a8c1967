"""A federation's notices to its members: written by its officers over the API, with counts back by association."""

from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.pagination import LatelyPublishedFirst
from api.v1.bulletins import ByAssociation, SendingDraft, SentShape, WordsChange
from api.views import SiteView, endpoint
from controlplane.associations.features import Feature, FeatureOff
from controlplane.associations.models import Association, Bulletin, members_of
from controlplane.tenancy import public
from tenants.members.models import Act


class FederationBulletinShape(SentShape):
    pass


class FederationBulletinDetailShape(FederationBulletinShape, ByAssociation):
    pass


class FederationDraft(SendingDraft):
    associations = serializers.ListField(
        child=serializers.SlugField(max_length=40),
        max_length=1000,
        required=False,
        help_text="All members unless given.",
    )


class FederationBulletinView(SiteView):
    """On a federation's own site, for its officers. All of it stands in `public`."""

    acts: ClassVar = dict.fromkeys(("GET", "POST", "PUT", "PATCH", "DELETE"), Act.DEAL_WITH_FEDERATIONS)
    pagination_class = LatelyPublishedFirst

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if self.site.kind != Association.Kind.FEDERATION:
            raise Http404

    def sent(self) -> Any:
        return Bulletin.objects.filter(federation=self.site.uuid).select_related("federation").with_counts()

    def detail(self, pk: UUID, status: int = 200) -> Response:
        return self.answer(FederationBulletinDetailShape, get_object_or_404(self.sent(), pk=pk), status)

    def by(self) -> str:
        return _("連合会の役員")  # `public` knows roles, and no names of residents


class FederationBulletins(FederationBulletinView):
    @endpoint("Bulletins of this federation", gives=FederationBulletinShape(many=True))
    def get(self, request: Request) -> Response:
        """What its officers have told the members, with counts."""
        with public():
            return self.page(FederationBulletinShape, self.sent())

    @endpoint(
        "Tell the members", takes=FederationDraft, gives=FederationBulletinDetailShape, status=201, refuses=(402,)
    )
    def post(self, request: Request) -> Response:
        """To all associations that take its notices in, or some. Each site copies it into its own feed."""
        if not self.site.has(Feature.MEMBER_ASSOCIATIONS):
            raise FeatureOff(Feature.MEMBER_ASSOCIATIONS)
        told = self.body(FederationDraft)
        slugs = told.pop("associations", [])
        with public():
            here = Association.objects.get(pk=self.site.uuid)
            told |= {"federation": here, "audience": Bulletin.Audience.MEMBERS, "chosen": _chosen(here, slugs)}
            made = Bulletin.objects.publish(by=self.by(), **told)
            return self.detail(made.pk, status=201)


def _chosen(federation: Association, slugs: list[str]) -> list[str]:
    """The members of these slugs; one that is no member is refused as one that does not exist."""
    found = dict(members_of(federation).filter(slug__in=slugs).values_list("slug", "pk"))
    if set(slugs) - set(found):
        raise serializers.ValidationError({"associations": _("加盟していない団体があります。")})
    return [str(pk) for pk in found.values()]


class FederationBulletinDetail(FederationBulletinView):
    @endpoint("One bulletin, with counts by association", gives=FederationBulletinDetailShape)
    def get(self, request: Request, bulletin: UUID) -> Response:
        with public():
            return self.detail(bulletin)

    @endpoint("Correct a bulletin", takes=WordsChange, gives=FederationBulletinDetailShape)
    def patch(self, request: Request, bulletin: UUID) -> Response:
        """Here and in every feed it stands in."""
        told = self.change(WordsChange)
        with public():
            found = get_object_or_404(self.sent(), pk=bulletin)
            found.edit(by=self.by(), **({"title": found.title, "body": found.body} | told))
            return self.detail(bulletin)

    @endpoint("Withdraw a bulletin", status=204)
    def delete(self, request: Request, bulletin: UUID) -> Response:
        """From every feed."""
        with public():
            get_object_or_404(self.sent(), pk=bulletin).withdraw(by=self.by())
        return Response(status=204)

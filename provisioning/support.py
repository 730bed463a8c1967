"""Asking an association to let operations look in: the representative finds the question in menu and mail."""

from django.utils.translation import gettext as _

from controlplane.associations.models import Association, Operator, SupportAccess
from provisioning import representative


def ask(association: Association, *, by: Operator, why: str) -> SupportAccess:
    """Ask for support access. Call under `public`. Raises ValidationError."""
    access = SupportAccess.ask(association, by=by, why=why)
    words = {"site": association.name, "why": access.why, "url": association.url("/support/")}

    def letter() -> tuple[str, str]:
        subject = _("%(site)sのページを、運営事務局に見せてよいですか")
        body = _(
            "運営事務局が、%(site)sのページを見せてほしいと頼んでいます。\n\nわけ：%(why)s\n\n"
            "見せてよいかどうかは、代表者が決めます。見るだけで、何も変えません。\n"
            "下のページで、どのくらいの時間にするかを選べます。断ることもできます。\n\n%(url)s"
        )
        return subject % words, body % words

    representative.write(association, letter)
    return access

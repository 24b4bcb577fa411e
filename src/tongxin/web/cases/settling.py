"""A party reads the settlement that is put before all, and says for themselves whether they agree."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tongxin.cases.operations.settlement import say_word
from tongxin.cases.queries.settlement import own_word
from tongxin.cases.queries.view import case_for
from tongxin.kernel.errors import DomainError, NotFound
from tongxin.web.people.forms import Form
from tongxin.web.policy import SeeOther, policy
from tongxin.web.request import Request
from tongxin.web.shell import page


@require_http_methods(["GET", "HEAD", "POST"])
@policy("signed_in")
def settlement(request: Request, number: str) -> HttpResponse:
    """The settlement, how many have signed, and one's own word, once."""
    view, form = case_for(request.actor, number, request.now), Form(request)
    if request.method == "POST":
        try:
            word, reason = form.text("word"), form.text("reason")
            say_word(request.actor, view.id, request.now, word=word, reason=reason)
            messages.success(request, _("Your word is on the record, in your own name."))
            return SeeOther(f"/cases/{view.number}/settlement/")
        except DomainError as error:
            form.refuse(error)
    own = own_word(request.actor, view.id)
    if own is None:
        raise NotFound("No settlement is put before you here.", code="no-settlement")
    return page(request, "cases/settlement.html", status=form.status, case=view, own=own, form=form)

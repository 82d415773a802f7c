"""Saved views: a name for what the Book shows, and its end."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from tenure.desk.save_view import delete_view, save_view
from tenure.kernel.errors import UserError
from tenure.web.pages.asking import asked


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the Book's address under a name."""
    who = asked(request, "book")
    query = request.POST.get("query", "")
    try:
        view = save_view(
            who.person, "book", request.POST.get("name", ""), query, shared=request.POST.get("shared") == "on"
        )  # fmt: skip
    except UserError as error:
        messages.error(request, f"{error.what} {error.remedy}")
        return redirect(reverse("book") + ("?" + query.removeprefix("?") if query else ""))
    messages.success(request, f"Kept as {view.name}.")
    return redirect(f"{reverse('book')}?{view.query}")


@require_POST
def delete(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a view of one's own."""
    who = asked(request, "book")
    if not delete_view(who.person, view_id):
        raise Http404
    messages.success(request, "The view is deleted; what it showed is untouched.")
    return redirect("book")

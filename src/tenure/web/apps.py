"""The pages as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, templates and what the browser loads."""

    name = "tenure.web"
    label = "web"

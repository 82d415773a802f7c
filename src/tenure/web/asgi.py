"""The pages for an ASGI server: `uvicorn tenure.web.asgi:application`."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenure.web.settings")

application = get_asgi_application()

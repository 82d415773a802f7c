"""The pages for an ASGI server: `uvicorn tenure.web.asgi:application`."""

from __future__ import annotations

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenure.web.settings")

# Files of a few kilobytes are read at once; that they come from a plain iterator costs nothing.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

application = get_asgi_application()

if os.environ.get("TENURE_KEEP") == "1":
    from tenure.desk.home import home
    from tenure.desk.keeping import Keeper

    Keeper(home()).start()

"""The pages for an ASGI server: `uvicorn tenure.web.asgi:application`."""

from __future__ import annotations

import os
import sys
import threading
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenure.web.settings")

# Files of a few kilobytes are read at once; that they come from a plain iterator costs nothing.
warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous")

_pages = get_asgi_application()

from tenure.web.limits import cut_off  # noqa: E402 - Django wakes before its modules are imported

application = cut_off(_pages)

if os.environ.get("TENURE_WORKERS", "1") != "1":
    from tenure.web.evenly import evenly

    application = evenly(application)

if os.environ.get("TENURE_KEEP") == "1":
    from django.db import connections

    from tenure.desk.home import home
    from tenure.desk.keeping import Keeper
    from tenure.web.remembered import renew
    from tenure.web.waking import wake

    # A page that comes back from a query waits no longer behind the making of newer rows.
    sys.setswitchinterval(0.001)
    home().before_shown.append(renew)

    def get_ready() -> None:
        """All that the first page would wait for."""
        home().get_ready()
        wake()
        connections.close_all()  # this thread asks no more

    ready = threading.Thread(target=get_ready)  # the server's loop runs here already
    ready.start()
    ready.join()  # nobody is let in to wait
    Keeper(home()).start()

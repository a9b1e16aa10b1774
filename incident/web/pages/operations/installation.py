"""The program as an app of a device: its manifest, its service worker, and the page that is shown offline."""

import hashlib
import json

import flask
from flask import current_app, g, make_response, render_template, request, url_for

from incident.web import i18n
from incident.web.http.static_marks import STATIC
from incident.web.i18n import gettext as _
from incident.web.pages.blueprint import pages
from incident.web.pages.frame import Page
from incident.web.pages.template_filters import asset
from incident.web.security.auth import public, public_endpoints

GROUND, HEAD = "#f5f6f8", "#12243c"
"""The colours of a light page and of its head (`--ground` and `--head` of css/incident.css)."""

KEPT = ("vendor/tabler.min.css", "css/incident.css", "icon.svg", "js/theme.js", "js/offline.js")
"""The static files of the offline page: all that a device keeps."""

WORKER = STATIC / "js" / "worker.js"


@pages.get("/manifest.webmanifest")
@public
def manifest() -> Page:
    """Return the description of the app for the system that installs it, in the language of the page."""
    marked = [("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any")]
    marked.append(("maskable-512.png", "512x512", "maskable"))
    document = {
        "id": url_for("pages.home"),
        "name": _("Security incidents"),
        "short_name": "incident",
        "description": _("Incidents, notices and answers of this organization."),
        "lang": i18n.TAGS[i18n.current()],
        "dir": "ltr",
        "start_url": url_for("pages.home"),
        "scope": url_for("pages.home"),
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": HEAD,
        "icons": [
            {"src": asset(f"vendor/{name}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for name, sizes, purpose in marked
        ],
    }
    answer = make_response(json.dumps(document, ensure_ascii=False))
    answer.mimetype = "application/manifest+json"
    return answer


@pages.get("/worker.js")
@public
def worker() -> Page:
    """Return the service worker of this release: other bytes make a browser replace the one that it has."""
    page = offline_page()
    kept = [url_for("pages.offline", lang=i18n.CODES[i18n.current()]), *map(asset, KEPT)]
    source = WORKER.read_text("utf-8")
    mark = hashlib.sha256("\n".join([page, *kept, source]).encode()).hexdigest()[:10]
    facts = {"cache": f"offline-{mark}", "kept": kept, "strangers": strangers(), "root": f"{request.script_root}/"}
    facts |= {"icon": asset("vendor/icon-192.png"), "devices": url_for("pages.turn_device_on")}
    answer = make_response(f"const RELEASE = {json.dumps(facts)};\n{source}")
    answer.mimetype = "text/javascript"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/offline")
@public
def offline() -> Page:
    """Show the page for a device that cannot reach the program; it holds nothing of a person."""
    g.leaves_no_cookie = True
    return offline_page()


def offline_page() -> str:
    """Return the page that is shown offline, in the language of the request."""
    return render_template("installation/offline.html")


def strangers() -> list[str]:
    """Return the first parts of the addresses of pages for people who do not sign in, which no worker touches."""
    app: flask.Flask = current_app
    own = {url_for("pages.offline"), url_for("pages.worker"), url_for("pages.manifest")}
    found = {
        rule.rule.split("/")[1]
        for rule in app.url_map.iter_rules()
        if rule.endpoint in public_endpoints(app) and rule.endpoint != "static" and rule.rule not in own
    }
    return sorted(found)

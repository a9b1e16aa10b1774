"""The content of an export as a response, read from the database part by part while it is sent."""

from collections.abc import Iterator

from flask import Flask, Response, current_app

from incident.core.incidents.listing.export import file_name
from incident.formats.list_exports import MEDIA, export_words, whole_file
from incident.formats.messages import load_catalogues
from incident.store.db.database import db
from incident.store.incidents import exports
from incident.store.incidents.exports import ListExport
from incident.web.instance import current_instance


def export_response(export: ListExport) -> Response:
    """Return the file of an export, to be saved under a name."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    zone = current_instance().settings.zone
    words = export_words(load_catalogues()[export.language], export.language, zone)
    content = whole_file(export.format, _parts(app, export.id), export.columns, words)
    name = file_name(export.format, export.asked_at, zone)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, content_type=MEDIA[export.format], headers=headers)


def _parts(app: Flask, export_id: int) -> Iterator[bytes]:
    """Yield the parts of an export; between two of them no connection is held, however slowly they are taken."""
    place: int | None = -1
    while place is not None:
        with app.app_context():
            place, content = exports.content_after(export_id, place)
            db.session.remove()
        if content:
            yield content

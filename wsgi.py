"""For a WSGI server of one's own: `gunicorn wsgi:app` serves pages; no clock runs unless `incident work` does."""

from incident import config
from incident.app import create_app, migrate

app = create_app(config.read(), has_clock=False)
migrate(app)

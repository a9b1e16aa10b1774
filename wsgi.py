"""For a WSGI server of one's own: `gunicorn wsgi:app` serves pages; no clock runs unless `incident work` does."""

import os
import resource

from incident import clock, config
from incident.app import create_app, migrate
from incident.jobs.serving import refusals
from incident.jobs.startup.private_files import require_private
from incident.store.db.database import db
from incident.web.security.access_log_writer import ACCESS_LOG

os.umask(0o077)  # whatever this process makes is for its user alone
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash writes no memory to the disk
settings = config.read()
require_private(settings)
app = create_app(settings, has_clock=False)
migrate(app)
clock.keep_measured()
refusals.install()
with app.app_context():
    _engine = db.engine


def _begin_worker() -> None:
    """Share no connection with the process that has loaded this before it forked (`gunicorn --preload`)."""
    _engine.dispose(close=False)
    clock.keep_measured()
    app.extensions[ACCESS_LOG].start()


app.extensions[ACCESS_LOG].start()
os.register_at_fork(after_in_child=_begin_worker)

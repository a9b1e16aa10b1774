"""Own sources whose name a newer version has taken: named by the check, explained on their page, removable."""

import datetime as dt

from flask import Flask

from incident.actions.incidents.sources import make_source_token, put_source, remove_source
from incident.jobs.startup.preflight import hidden_sources
from incident.store.db.database import db
from incident.store.directory.tokens import tokens_of_source
from incident.store.incidents.sources import source_row
from incident.web.instance import KEY

AT = dt.datetime(2026, 11, 21, 8, 30, tzinfo=dt.UTC)
MAPPING = {"version": 1, "variants": [{"name": "alarm", "title": "{/text}", "fingerprint": "/id"}]}


def test_the_check_names_an_own_source_whose_name_is_built_in_now_until_it_is_removed(app: Flask) -> None:
    settings = app.extensions[KEY].settings
    with app.app_context():
        put_source("doors", MAPPING, True, None, "person:1:Li Wei", AT)
        assert hidden_sources(settings) is None
        row = source_row("doors")
        assert row is not None
        row.name = "okta"  # as if this version had brought the preset
        db.session.commit()
        advice = hidden_sources(settings)
        assert advice is not None
        assert "okta" in advice
        assert "another name" in advice
        made = make_source_token("okta", "the new preset's", "person:1:Li Wei", AT)
        remove_source("okta", None, "person:1:Li Wei", AT)
        assert hidden_sources(settings) is None
        assert [token.id for token in tokens_of_source("okta")] == [made.row.id], "the preset keeps its tokens"
        db.session.remove()

"""Statement values stay out of exceptions, and so out of the log."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from incident.store.db.database import db


def test_a_refused_statement_names_no_value(app: Flask) -> None:
    with app.app_context(), pytest.raises(DBAPIError) as raised:
        db.session.execute(text("SELECT nothing_of_the_kind FROM people WHERE login = :login"), {"login": "geheim"})
    assert "geheim" not in str(raised.value)

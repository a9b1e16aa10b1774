"""Printed registers of documents, and their workbooks."""

from flask import Response, request
from werkzeug.exceptions import NotFound

from incident.web.http.document_registers import (
    REGISTER_WORDS,
    RegisterTable,
    present_year,
    register_table,
    register_workbook,
)
from incident.web.i18n import gettext as _
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import is_whole_number
from incident.web.pages.frame import Page, render
from incident.web.security.auth import needs


@pages.get("/documents/registers/<register>")
@needs("document.read")
def printed_register(register: str) -> Page:
    """Show a register of a year as it is printed."""
    names = [(name, _(words)) for name, words in REGISTER_WORDS.items()]
    return render("documents/register.html", table=_table(register), names=names, present_year=present_year())


@pages.get("/documents/registers/<register>/workbook")
@needs("document.read")
def register_file(register: str) -> Response:
    """Download a register of a year as a workbook."""
    return register_workbook(_table(register))


def _table(register: str) -> RegisterTable:
    if register not in REGISTER_WORDS:
        raise NotFound
    typed = request.args.get("year", "").strip()
    year = int(typed) if is_whole_number(typed, 4) and 2000 <= int(typed) < 9999 else present_year()
    return register_table(register, year, is_drill=request.args.get("exercise") == "true")

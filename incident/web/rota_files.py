"""Duty rotas for API and pages: the iCalendar file, in the caller's language."""

from incident.actions.directory.calendars import export_rota
from incident.store.directory.departments import Department
from incident.web.i18n import gettext as _
from incident.web.instance import now


def rota_file(department: Department, days: int) -> str:
    """Return the shifts of a department in the next days as an iCalendar file."""
    name = _("Duty of %(department)s", department=department.name)
    return export_rota(department, name, {"gap": _("No one on duty")}, days, now())

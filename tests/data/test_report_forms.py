"""The forms of reports that regimes ask for."""

from incident.data.document_kinds import shipped_kinds
from incident.data.report_forms import report_forms
from incident.data.reporting_regimes import shipped_regimes


def test_each_form_is_a_kind_of_document_and_belongs_to_a_stage_of_a_regime() -> None:
    regimes = shipped_regimes()
    for (regime, stage), kind in report_forms().items():
        assert stage in {one.key for one in regimes[regime].stages}, regime
        assert kind in shipped_kinds()

"""Schemas of responses about the simulation of a playbook."""

from typing import Any

from marshmallow import Schema, fields

from incident.core.cacao.simulation import RESULTS
from incident.web.api.schema_parts import FaultPlace


def _word(about: str = "", *, may_be_null: bool = False) -> fields.String:
    metadata = {"description": about} if about else {}
    return fields.String(required=True, allow_none=may_be_null, metadata=metadata)


def _truth(about: str) -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": about})


def _values(about: str = "") -> fields.Dict:
    return fields.Dict(required=True, metadata={"description": about} if about else {})


class PlayOut(Schema):
    """One simulated run from its start to its end."""

    state = _word("succeeded or failed")
    is_handled = _truth("whether workflow_exception ran to its end")
    failed_step = _word("where the failure began", may_be_null=True)
    reason = _word("why, as a code", may_be_null=True)
    lasted = _word("ISO 8601, on the virtual clock")
    is_cut = _truth("whether it was stopped because it did not come to an end")
    start_variables = _values("those that it was started with")
    variables = _values("those of the main playbook at the end")
    entries = fields.List(
        fields.Dict(),
        required=True,
        metadata={
            "description": "`entry` is asked, answered, decided, changed or noted; `at` and `due` count from the start"
        },
    )


class ChoiceOut(Schema):
    """One event on a path."""

    step = _word()
    name = _word()
    what = fields.String(required=True, metadata={"enum": ["starts", *RESULTS, "repeats"]})
    values = _values()


class EndOut(Schema):
    """One end that the playbook can reach, and a plain path to it."""

    state = _word("succeeded or failed")
    is_handled = _truth("whether workflow_exception ran to its end")
    is_failure = _truth("whether it ends in workflow_exception or failed")
    failed_step = _word("where the failure began", may_be_null=True)
    name = _word("name of that step", may_be_null=True)
    reason = _word("why, as a code", may_be_null=True)
    handler_failed_step = _word("where workflow_exception failed as well", may_be_null=True)
    end_step = _word("the end step that was entered last", may_be_null=True)
    variables = _values()
    way = fields.List(fields.Nested(ChoiceOut), required=True)


class WaysOut(Schema):
    """Every end of the playbook under success, failure and silence of each task and each value that matters."""

    is_whole = _truth("false when the playbook was too wide, so that ends may be missing")
    turns = fields.Integer(required=True, metadata={"description": "of the engine that it took"})
    never_entered = fields.List(fields.String(), required=True, metadata={"description": "steps that no way enters"})
    ends: fields.List[Any] = fields.List(fields.Nested(EndOut), required=True)


class StudyOut(Schema):
    """The results of a simulation."""

    playbook = _word()
    version = _word()
    seed = fields.Integer(required=True)
    nobody_answers = _truth("as it was sent")
    play = fields.Nested(PlayOut, required=True)
    exploration = fields.Nested(WaysOut, required=True)
    warnings = fields.List(fields.Nested(FaultPlace), required=True)

"""The shapes of the API's answers, for its description; the answers themselves are written in `documents/`."""

from incident.web.api.schemas.dead_letters import DeadLetterOut
from incident.web.api.schemas.drills import DrillItem, DrillOut
from incident.web.api.schemas.duty import DutyOut, GapsOut, MembersOut
from incident.web.api.schemas.incidents import (
    AlertsOut,
    DecidedOut,
    EntryOut,
    IncidentItem,
    IncidentOut,
    IncidentReported,
    IndicatorOut,
    ReceiptOut,
    ReportItem,
    ReportOut,
    ReportProgress,
)
from incident.web.api.schemas.ledgers import CertificateKeyOut, CertificateOut, LedgerOut
from incident.web.api.schemas.office import (
    ContactOut,
    DepartmentItem,
    DepartmentOut,
    PersonOut,
    PlaybookAdded,
    PlaybookItem,
    SecretOut,
    TestedOut,
    TokenOut,
)
from incident.web.api.schemas.parts import (
    FaultPlace,
    Problem,
    page_of,
)
from incident.web.api.schemas.playbooks import PlaybookDocument
from incident.web.api.schemas.policies import LevelOut, PolicyOut, PreviewOut, TrialOut
from incident.web.api.schemas.rotas import DutyOverrideOut, ImportOut, RotaIn, RotaOut
from incident.web.api.schemas.rules import RulesIn, RulesOut
from incident.web.api.schemas.work import (
    AccessRecordOut,
    AnsweredOut,
    DeliveryOut,
    ExpectedOut,
    NoticeOut,
    RunItem,
    RunOut,
    StartRequestOut,
    StepOut,
    TaskOut,
    WhyOut,
)

__all__ = [
    "AccessRecordOut",
    "AlertsOut",
    "AnsweredOut",
    "CertificateKeyOut",
    "CertificateOut",
    "ContactOut",
    "DeadLetterOut",
    "DecidedOut",
    "DeliveryOut",
    "DepartmentItem",
    "DepartmentOut",
    "DrillItem",
    "DrillOut",
    "DutyOut",
    "DutyOverrideOut",
    "EntryOut",
    "ExpectedOut",
    "FaultPlace",
    "GapsOut",
    "ImportOut",
    "IncidentItem",
    "IncidentOut",
    "IncidentReported",
    "IndicatorOut",
    "LedgerOut",
    "LevelOut",
    "MembersOut",
    "NoticeOut",
    "PersonOut",
    "PlaybookAdded",
    "PlaybookDocument",
    "PlaybookItem",
    "PolicyOut",
    "PreviewOut",
    "Problem",
    "ReceiptOut",
    "ReportItem",
    "ReportOut",
    "ReportProgress",
    "RotaIn",
    "RotaOut",
    "RulesIn",
    "RulesOut",
    "RunItem",
    "RunOut",
    "SecretOut",
    "StartRequestOut",
    "StepOut",
    "TaskOut",
    "TestedOut",
    "TokenOut",
    "TrialOut",
    "WhyOut",
    "page_of",
]

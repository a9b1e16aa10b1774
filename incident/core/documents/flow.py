"""The flow of an official document: a state machine over sign-offs that are bound to its content."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from incident.core.values.faults import RuleError

DocumentState = Literal[
    "draft",
    "in_review",
    "in_legal_review",
    "in_countersign",
    "to_sign",
    "signed",
    "sealed",
    "served",
    "archived",
    "void",
]
DOCUMENT_STATES: Final[tuple[DocumentState, ...]] = get_args(DocumentState)

Step = Literal["review", "legal_review", "countersign", "sign", "seal"]
STEPS: Final[tuple[Step, ...]] = get_args(Step)

AWAITED: Final[Mapping[DocumentState, Step]] = {
    "in_review": "review",
    "in_legal_review": "legal_review",
    "in_countersign": "countersign",
    "to_sign": "sign",
    "signed": "seal",
}
"""The sign-off that each state waits for; service, between the seal and the archive, is no sign-off."""

STATE_OF: Final[Mapping[Step, DocumentState]] = {step: state for state, step in AWAITED.items()}

NUMBERED: Final[frozenset[DocumentState]] = frozenset({"signed", "sealed", "served", "archived"})
"""States in which the document has its number and its content is final."""

OPEN_TO_CHANGE: Final[frozenset[DocumentState]] = frozenset(
    {"draft", "in_review", "in_legal_review", "in_countersign", "to_sign"}
)

SERVABLE: Final[frozenset[DocumentState]] = frozenset({"sealed", "served"})
"""States in which a document is served; one document may be served on several."""

PERSONAL: Final[frozenset[Step]] = frozenset({"review", "legal_review", "countersign", "sign"})
"""Steps of which one person takes one at most, and none on what they wrote; sealing is free."""

_FAULTS: Final[Mapping[DocumentState, str]] = {
    "draft": "official_document.is_draft",
    "in_review": "official_document.waits_for_review",
    "in_legal_review": "official_document.waits_for_legal_review",
    "in_countersign": "official_document.waits_for_countersign",
    "to_sign": "official_document.waits_for_signature",
    "signed": "official_document.is_signed",
    "sealed": "official_document.is_sealed",
    "served": "official_document.is_served",
    "archived": "official_document.is_archived",
    "void": "official_document.is_void",
}


@dataclass(frozen=True)
class SignOff:
    """A sign-off that stands: the step, who (such as `person:3`), the content they saw, and for which department."""

    step: Step
    signer: str
    content_hash: str
    department: str | None = None


@dataclass(frozen=True)
class DocumentFlow:
    """Where a document is in its flow.

    `authors` are all who wrote or changed it; `countersigners` the codes of the departments that countersign, in any
    order; `sign_offs` only those that stand.
    """

    state: DocumentState
    content_hash: str
    authors: frozenset[str]
    needs_legal_review: bool = False
    countersigners: Sequence[str] = ()
    sign_offs: Sequence[SignOff] = ()

    @property
    def awaited(self) -> Step | None:
        """The step that it waits for; None for a draft and at the end."""
        return AWAITED.get(self.state)

    @property
    def uncountersigned(self) -> Sequence[str]:
        """The codes of the departments that have not countersigned yet."""
        done = {one.department for one in self.sign_offs if one.step == "countersign"}
        return [one for one in self.countersigners if one not in done]


def submit_document(flow: DocumentFlow) -> DocumentFlow:
    """Send a draft to its review; whether it is complete was checked before."""
    _require(flow, "draft")
    return replace(flow, state="in_review")


def sign_off(flow: DocumentFlow, step: Step, signer: str, department: str | None = None) -> DocumentFlow:
    """Take the step that the document waits for, in the state after it.

    Args:
        flow: the flow.
        step: the step.
        signer: the person, such as `person:3`.
        department: the code of the department that a countersigner belongs to.

    Raises:
        RuleError: the fault of another state, `official_document.content_changed` (conflict); those of
            `require_signer`.
    """
    _require(flow, STATE_OF[step])
    if any(one.content_hash != flow.content_hash for one in flow.sign_offs):
        raise RuleError("official_document.content_changed", kind="conflict")
    require_signer(flow, step, signer, department)
    done = SignOff(step, signer, flow.content_hash, department if step == "countersign" else None)
    return _go_on(replace(flow, sign_offs=(*flow.sign_offs, done)), step)


def require_signer(flow: DocumentFlow, step: Step, signer: str, department: str | None = None) -> None:
    """Raise RuleError when a person may not take a step.

    Raises:
        RuleError: `official_document.by_author`, `official_document.same_person`,
            `official_document.not_your_countersign` (conflict).
    """
    if step not in PERSONAL:
        return
    if signer in flow.authors:
        raise RuleError("official_document.by_author", kind="conflict")
    if any(one.signer == signer for one in flow.sign_offs):
        raise RuleError("official_document.same_person", kind="conflict")
    if step == "countersign" and department not in flow.uncountersigned:
        raise RuleError("official_document.not_your_countersign", kind="conflict")


def may_sign_off(flow: DocumentFlow, signer: str, departments: Collection[str | None]) -> bool:
    """Return whether a person could take the step that the document waits for, apart from their rights.

    Args:
        flow: the flow.
        signer: the person.
        departments: the codes of their departments.
    """
    if flow.awaited is None:
        return False
    for department in departments or (None,):
        try:
            require_signer(flow, flow.awaited, signer, department)
        except RuleError:
            continue
        return True
    return False


def change_document(
    flow: DocumentFlow, author: str, content_hash: str, countersigners: Sequence[str] | None = None
) -> DocumentFlow:
    """Change the content before the signature: it is a draft again, and no sign-off stands.

    Args:
        flow: the flow.
        author: who changes it: from then on, they sign off no more.
        content_hash: of the new content; with the present one nothing is changed.
        countersigners: codes of departments; None for the present ones.

    Raises:
        RuleError: the fault of a state after the signature (conflict).
    """
    require_open(flow)
    if content_hash == flow.content_hash:
        return flow
    return replace(
        flow,
        state="draft",
        content_hash=content_hash,
        authors=flow.authors | {author},
        countersigners=flow.countersigners if countersigners is None else countersigners,
        sign_offs=(),
    )


def return_document(flow: DocumentFlow) -> DocumentFlow:
    """Return a document to its drafter; the sign-offs that it had are needed again.

    Raises:
        RuleError: the fault of its state (conflict), when it is a draft or signed.
    """
    if flow.state == "draft":
        raise _fault(flow)
    require_open(flow)
    return replace(flow, state="draft", sign_offs=())


def void_document(flow: DocumentFlow) -> DocumentFlow:
    """Void a document in any state but the archive; a number that it has stays with it.

    Raises:
        RuleError: `official_document.is_archived`, `official_document.is_void` (conflict).
    """
    if flow.state in ("archived", "void"):
        raise _fault(flow)
    return replace(flow, state="void")


def serve_document(flow: DocumentFlow, *, is_served: bool) -> DocumentFlow:
    """Record an attempt to serve a document that was signed.

    Args:
        flow: the flow.
        is_served: whether nobody remains on whom it was tried and not served; else it is unserved again.

    Raises:
        RuleError: the fault of its state (conflict), before the seal and at its end.
    """
    if flow.state not in SERVABLE:
        raise _fault(flow)
    return replace(flow, state="served" if is_served else "sealed")


def archive_document(flow: DocumentFlow, *, is_unserved: bool = False) -> DocumentFlow:
    """File away a document that is served, or sealed when it need not be served.

    Args:
        flow: the flow.
        is_unserved: whether it must be served and is not yet.

    Raises:
        RuleError: `official_document.is_unserved`, the fault of another state (conflict).
    """
    if flow.state not in SERVABLE:
        raise _fault(flow)
    if is_unserved:
        raise RuleError("official_document.is_unserved", kind="conflict")
    return replace(flow, state="archived")


def require_open(flow: DocumentFlow) -> None:
    """Raise the fault of its state when a document is signed or at its end."""
    if flow.state not in OPEN_TO_CHANGE:
        raise _fault(flow)


def _go_on(flow: DocumentFlow, step: Step) -> DocumentFlow:
    """Return the flow in the state after a step, without steps that the document does not need."""
    if step == "seal":
        return replace(flow, state="sealed")
    if step == "sign":
        return replace(flow, state="signed")
    if step == "review" and flow.needs_legal_review:
        return replace(flow, state="in_legal_review")
    return replace(flow, state="in_countersign" if flow.uncountersigned else "to_sign")


def _require(flow: DocumentFlow, state: DocumentState) -> None:
    if flow.state != state:
        raise _fault(flow)


def _fault(flow: DocumentFlow) -> RuleError:
    return RuleError(_FAULTS[flow.state], kind="conflict")

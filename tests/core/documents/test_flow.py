"""The flow of a document as a state machine: whatever people try, in any order, the rules hold."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incident.core.documents.flow import (
    AWAITED,
    NUMBERED,
    STEPS,
    DocumentFlow,
    archive_document,
    change_document,
    may_sign_off,
    return_document,
    sign_off,
    submit_document,
    void_document,
)
from incident.core.values.faults import RuleError

PEOPLE = tuple(f"person:{number}" for number in range(1, 6))
DEPARTMENTS = ("CERT", "LEGAL")

acts = st.lists(
    st.tuples(
        st.sampled_from(["submit", "change", "return", "void", "archive", *STEPS]),
        st.sampled_from(PEOPLE),
        st.sampled_from((None, *DEPARTMENTS)),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=40,
)
flows = st.builds(
    DocumentFlow,
    state=st.just("draft"),
    content_hash=st.just("a"),
    authors=st.just(frozenset({PEOPLE[0]})),
    needs_legal_review=st.booleans(),
    countersigners=st.sampled_from([(), ("CERT",), DEPARTMENTS]),
)


def act(flow: DocumentFlow, name: str, by: str, department: str | None, content: str) -> DocumentFlow:
    """Try something; what is refused changes nothing."""
    try:
        match name:
            case "submit":
                return submit_document(flow)
            case "change":
                return change_document(flow, by, content)
            case "return":
                return return_document(flow)
            case "void":
                return void_document(flow)
            case "archive":
                return archive_document(flow)
        return sign_off(flow, name, by, department)  # type: ignore[arg-type]
    except RuleError:
        return flow


@given(flows, acts)
def test_what_is_signed_was_signed_off_in_full_by_different_people_who_saw_its_content(
    flow: DocumentFlow, tried: list[tuple[str, str, str | None, str]]
) -> None:
    for one in tried:
        before, flow = flow, act(flow, *one)
        assert all(done.content_hash == flow.content_hash for done in flow.sign_offs)
        if flow.state == "draft":
            assert flow.sign_offs == ()
        if before.state in NUMBERED:
            assert flow.content_hash == before.content_hash
        if flow.state in NUMBERED:
            its = [done for done in flow.sign_offs if done.step != "seal"]
            signers = [done.signer for done in its]
            assert len(set(signers)) == len(signers)
            assert flow.authors.isdisjoint(signers)
            steps = {done.step for done in its}
            assert {"review", "sign"} <= steps
            assert ("legal_review" in steps) == flow.needs_legal_review
            assert {done.department for done in its if done.step == "countersign"} == set(flow.countersigners)


@given(flows, acts, st.sampled_from(PEOPLE), st.sampled_from((None, *DEPARTMENTS)))
def test_whoever_may_sign_off_can_and_nobody_else(
    flow: DocumentFlow, tried: list[tuple[str, str, str | None, str]], by: str, department: str | None
) -> None:
    for one in tried:
        flow = act(flow, *one)
    step = AWAITED.get(flow.state)
    is_taken = step is not None and act(flow, step, by, department, "") is not flow
    assert may_sign_off(flow, by, [department]) == is_taken


def test_the_steps_follow_each_other_and_departments_countersign_in_any_order() -> None:
    flow = DocumentFlow("draft", "a", frozenset({PEOPLE[0]}), needs_legal_review=True, countersigners=DEPARTMENTS)
    flow = submit_document(flow)
    for step, by, department, state in (
        ("review", 1, None, "in_legal_review"),
        ("legal_review", 2, None, "in_countersign"),
        ("countersign", 3, "LEGAL", "in_countersign"),
        ("countersign", 4, "CERT", "to_sign"),
    ):
        flow = act(flow, step, PEOPLE[by], department, "")
        assert flow.state == state
    flow = sign_off(flow, "sign", "person:9")
    flow = sign_off(flow, "seal", PEOPLE[0])
    assert archive_document(flow).state == "archived"


def refused(flow: DocumentFlow, *what: str) -> str:
    with pytest.raises(RuleError) as fault:
        sign_off(flow, *what)  # type: ignore[arg-type]
    return fault.value.code


def test_a_step_that_is_not_awaited_is_refused_with_what_is() -> None:
    flow = DocumentFlow("draft", "a", frozenset({PEOPLE[0]}))
    assert refused(flow, "sign", PEOPLE[1]) == "official_document.is_draft"
    flow = submit_document(flow)
    assert refused(flow, "sign", PEOPLE[1]) == "official_document.waits_for_review"
    assert refused(flow, "review", PEOPLE[0]) == "official_document.by_author"
    flow = sign_off(flow, "review", PEOPLE[1])
    assert refused(flow, "sign", PEOPLE[1]) == "official_document.same_person"
    assert refused(replace(flow, content_hash="b"), "sign", PEOPLE[2]) == "official_document.content_changed"
    assert refused(void_document(flow), "sign", PEOPLE[2]) == "official_document.is_void"


def test_who_changes_a_document_in_review_sends_it_back_and_cannot_sign_it_off() -> None:
    flow = sign_off(submit_document(DocumentFlow("draft", "a", frozenset({PEOPLE[0]}))), "review", PEOPLE[1])
    changed = change_document(flow, PEOPLE[2], "b")
    assert (changed.state, changed.sign_offs) == ("draft", ())
    assert refused(submit_document(changed), "review", PEOPLE[2]) == "official_document.by_author"
    assert change_document(flow, PEOPLE[2], "a") is flow

"""Whether a playbook and the ones it calls may start (P11)."""

from __future__ import annotations

import pytest

from incident.core.cacao import (
    Playbook,
    PlaybookBundle,
    StartRefused,
    bundle_faults,
    gather,
    parse,
    result_faults,
    startable,
)
from tests.core.cacao.build import NOW, Json, action, begun, document


def plain(name: str = "Plain", **more: object) -> Json:
    return document({"a": action("e"), "e": None}, name=name, **more)


def calling(name: str, *called: str, **more: object) -> Json:
    """Return a playbook that calls others, by id or `id@version`, one after the other."""
    steps: dict[str, Json | None] = {}
    for index, one in enumerate(called):
        playbook_id, _, version = one.partition("@")
        step = {"type": "playbook-action", "playbook_id": playbook_id, "on_completion": f"c{index + 1}", **more}
        steps[f"c{index}"] = {**step, "playbook_version": version} if version else step
    return document({**steps, f"c{len(called)}": None}, name=name)


def found_in(*documents: Json) -> dict[str, Playbook]:
    playbooks = [parse(one) for one in documents]
    return {f"{one.id}@{one.version}": one for one in playbooks} | {one.id: one for one in playbooks}


def bundled(main: Json, *called: Json) -> PlaybookBundle:
    known = found_in(*called)
    return gather(parse(main), lambda key, version: known.get(f"{key}@{version}" if version else key))


def test_a_revoked_playbook_does_not_start_and_neither_does_its_caller() -> None:
    revoked = plain(revoked=True)
    fault = startable(parse(revoked), NOW)
    assert fault is not None
    assert fault.code == "revoked"
    with pytest.raises(StartRefused) as refused:
        begun(calling("Main", revoked["id"]), revoked)
    assert [fault.code for fault in refused.value.faults] == ["revoked"]


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "code"),
    [
        ("2026-03-01T08:00:00.001Z", None, "out_of_valid_from"),
        ("2026-03-01T08:00:00Z", None, None),
        (None, "2026-03-01T08:00:00Z", "out_of_valid_until"),
        (None, "2026-03-01T08:00:00.001Z", None),
    ],
)
def test_a_playbook_starts_only_in_its_time(valid_from: str | None, valid_until: str | None, code: str | None) -> None:
    times = {"valid_from": valid_from, "valid_until": valid_until}
    fault = startable(parse(plain(**{name: at for name, at in times.items() if at})), NOW)
    assert (fault.code if fault else None) == code


def test_everything_that_is_called_is_gathered_down_to_the_last() -> None:
    last = plain("Last")
    middle = calling("Middle", last["id"])
    bundle = bundled(calling("Main", middle["id"], last["id"]), middle, last)
    assert set(bundle.called) == {middle["id"], last["id"]}
    assert bundle_faults(bundle) == []
    assert bundle.main.called_ids == (middle["id"], last["id"])


def test_two_versions_of_one_playbook_can_be_called_side_by_side() -> None:
    old, new = plain(), plain(modified="2026-02-01T00:00:00.000Z")
    bundle = bundled(calling("Main", f"{old['id']}@{old['modified']}", new["id"]), old, new)
    assert bundle.key_of(old["id"], old["modified"]) == f"{old['id']}@{old['modified']}"
    assert bundle.key_of(new["id"], "") == new["id"]
    assert bundle.key_of(new["id"], "2026-02-02T00:00:00.000Z") is None
    assert bundle_faults(bundle) == []


def test_a_missing_playbook_or_version_is_named() -> None:
    one = plain()
    bundle = bundled(calling("Main", one["id"], f"{one['id']}@2020-01-01T00:00:00.000Z"), one)
    assert [fault.code for fault in bundle_faults(bundle)] == ["call_unknown"]
    with pytest.raises(StartRefused):
        begun(calling("Main", one["id"]))


def test_playbooks_that_call_one_another_in_a_circle_are_refused() -> None:
    one = calling("One", plain("Two")["id"])
    two = {**calling("Two", one["id"])}
    assert "call_deep" in [fault.code for fault in bundle_faults(bundled(one, two, one))]


def test_calls_deeper_than_the_limit_are_refused() -> None:
    chain = [plain("Depth 0")]
    for depth in range(1, 10):
        chain.append(calling(f"Depth {depth}", chain[-1]["id"]))
    assert bundle_faults(bundled(chain[8], *chain)) == []
    assert [fault.code for fault in bundle_faults(bundled(chain[9], *chain))] == ["call_deep"]


def test_arguments_that_a_called_playbook_does_not_know_or_lacks_are_named() -> None:
    wanted = plain(playbook_variables={"__x__": {"type": "string", "external": True}})
    main = calling("Main", wanted["id"], in_args=["__y__"])
    main["playbook_variables"] = {"__y__": {"type": "string"}}
    faults = bundle_faults(bundled(main, wanted))
    assert [(fault.code, fault.is_error) for fault in faults] == [("call_argument", False), ("call_values", True)]


def test_results_that_do_not_fit_are_told_before_they_reach_the_run() -> None:
    types = {"__n__": "integer"}
    assert result_faults(types, {"__n__": "5"}) == []
    assert result_faults(types, {"__n__": 5}) == []
    found = result_faults(types, {"__n__": "five", "__m__": "x"})
    assert [(fault.code, fault.pointer) for fault in found] == [
        ("value_mistyped", "/variables/__n__"),
        ("value_not_asked", "/variables/__m__"),
    ]

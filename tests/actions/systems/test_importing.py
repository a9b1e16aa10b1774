"""Systems from spreadsheets: what was previewed is written, all or nothing; what was exported changes nothing."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incident.actions.systems import importing
from incident.actions.systems import systems as use_cases
from incident.core.systems.system import require_all, require_system_address, require_system_name
from incident.core.values.faults import RuleError
from incident.formats.spreadsheets import read_sheet, write_csv, write_workbook
from incident.store.systems.systems import System, all_systems
from tests.staff import last_entry
from tests.world import BY, World, rows

CODES = ["A", "B", "C-1", "系统"]
PLAIN = st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters=",;，；、"), min_size=1, max_size=8)


def visible(text: str) -> bool:
    try:
        require_system_name(text)
    except RuleError:
        return False
    return True


NAMES = PLAIN.filter(visible)
FACTS = st.fixed_dictionaries(
    {
        "name": NAMES.map(str.strip).filter(bool),
        "owner": st.sampled_from([None, "net"]),
        "protection_level": st.none() | st.integers(1, 5),
        "criticality": st.sampled_from([None, "high", "moderate", "low"]),
        "is_critical_infrastructure": st.booleans(),
        "addresses": st.lists(st.sampled_from(["192.0.2.7", "192.0.2.0/24", "2001:db8::/32"])).map(
            lambda many: require_all(many, require_system_address)
        ),
        "names": st.lists(NAMES, max_size=3).map(lambda many: require_all(many, require_system_name)),
        "note": st.sampled_from(["", "=1+1", "-x", "'=y", 'a,b;"c"\nd', "甲\r\n乙", " blank "]),
        "is_active": st.booleans(),
    }
)


def table(*lines: str) -> list[Any]:
    return read_sheet("\n".join(("code,name,owner,protection_level", *lines)).encode())


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(FACTS, min_size=1, max_size=4))
def test_what_was_exported_is_imported_unchanged(sqlite_world: World, drawn: list[dict[str, Any]]) -> None:
    world = sqlite_world
    if not rows(System):
        world.department("net", [("duty", 1)])
    known = {one.code: one.id for one in rows(System)}
    for code, facts in zip(CODES, drawn, strict=False):
        if code in known:
            use_cases.change_system(known[code], facts, None, BY, world.now)
        else:
            use_cases.add_system({"code": code, **facts}, BY, world.now)
    cells = importing.export_systems(all_systems())
    for data in (write_csv(cells), write_workbook(cells, "systems")):
        plan = importing.plan_import(read_sheet(data))
        assert [one.changes for one in plan.items] == [{}] * len(plan.items)
        assert plan.missing == 0


def test_a_preview_writes_nothing_and_its_confirmation_what_it_showed(world: World) -> None:
    world.department("net", [("duty", 1)])
    use_cases.add_system({"code": "PAY", "name": "Pay"}, BY, world.now)
    use_cases.add_system({"code": "OLD", "name": "Old"}, BY, world.now)
    data = table("PAY,Payments,net,3", "HR,People,,", "OLD,Old,,")
    plan = importing.plan_import(data)
    assert [(one.row.number, one.kind) for one in plan.items] == [(2, "changed"), (3, "new"), (4, "unchanged")]
    assert plan.items[0].changes == {"name": ("Pay", "Payments"), "owner": (None, "net"), "protection_level": (None, 3)}
    assert len(rows(System)) == 2
    importing.import_systems(data, plan.digest, BY, world.now)
    assert {one.code: one.name for one in rows(System)} == {"PAY": "Payments", "HR": "People", "OLD": "Old"}
    assert last_entry("systems.imported").actor == BY
    assert importing.plan_import(data).of_kind("unchanged") != []
    world.alert(labels={"host": "hr"})


def test_systems_that_the_file_lacks_are_kept(world: World) -> None:
    use_cases.add_system({"code": "OLD", "name": "Old"}, BY, world.now)
    data = table("NEW,New,,")
    plan = importing.plan_import(data)
    assert plan.missing == 1
    importing.import_systems(data, plan.digest, BY, world.now)
    assert {one.code for one in rows(System)} == {"OLD", "NEW"}


def test_a_change_after_the_preview_refuses_its_confirmation(world: World) -> None:
    pay = use_cases.add_system({"code": "PAY", "name": "Pay"}, BY, world.now)
    data = table("PAY,Payments,,")
    plan = importing.plan_import(data)
    use_cases.change_system(pay.id, {"note": "x"}, None, BY, world.now)
    with pytest.raises(RuleError, match=r"table\.stale"):
        importing.import_systems(data, plan.digest, BY, world.now)
    assert rows(System)[0].name == "Pay"


def test_one_wrong_cell_refuses_the_whole_file_with_every_place(world: World) -> None:
    with pytest.raises(RuleError) as refused:
        importing.plan_import(table("PAY,Payments,net,3", "HR,People,no-such,"))
    assert [one.pointer for one in refused.value.all] == ["/rows/2/owner", "/rows/3/owner"]
    assert rows(System) == []

"""Import and export of systems by the API."""

from tests.plugins.app import Api, Speaker

CSV = {"Content-Type": "text/csv"}


def test_a_file_is_previewed_confirmed_and_exported_unchanged(boss: Api) -> None:
    data = "代码,名称,主管部门,备注\nPAY,支付,CERT,=1+1\n".encode("gb18030")
    preview = boss.post("/system-imports", data=data, headers=CSV)
    assert (preview.status_code, preview.json["new"], preview.json["is_written"]) == (200, 1, False)  # type: ignore[index]
    assert boss.seen("/systems")["items"] == []
    digest = preview.json["digest"]  # type: ignore[index]
    done = boss.post(f"/system-imports?confirm={digest}", data=data, headers=CSV)
    assert done.json["is_written"] is True  # type: ignore[index]
    exported = boss.get("/systems.csv").data
    assert "'=1+1" in exported.decode("utf-8-sig")
    for form in (exported, boss.get("/systems.xlsx").data):
        again = boss.post("/system-imports", data=form, headers=CSV).json
        assert (again["unchanged"], again["items"]) == (1, [])  # type: ignore[index]
    assert boss.post(f"/system-imports?confirm={digest}", data=data, headers=CSV).status_code == 409


def test_faults_name_their_cells(boss: Api) -> None:
    refused = boss.post("/system-imports", data=b"code,name,level\nPAY,,9\n", headers=CSV)
    assert refused.status_code == 422
    places = {one["pointer"] for one in refused.json["errors"]}  # type: ignore[index]
    assert places == {"/rows/2/name", "/rows/2/protection_level"}


def test_a_department_exports_its_own_systems(furnished: Speaker) -> None:
    boss, department = furnished("coordinator"), furnished("department", "CERT")
    boss.made("/systems", {"code": "PAY", "name": "Payments", "owner": "CERT"})
    boss.made("/systems", {"code": "HR", "name": "People"})
    exported = department.get("/systems.csv").data.decode("utf-8-sig")
    assert "PAY" in exported
    assert "HR" not in exported
    assert department.post("/system-imports", data=b"x", headers=CSV).status_code == 403

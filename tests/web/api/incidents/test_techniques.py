"""Techniques of ATT&CK over the API."""

from tests.plugins.app import Speaker


def test_a_program_searches_adds_lists_and_removes_techniques(furnished_sqlite: Speaker) -> None:
    boss, reader = furnished_sqlite("coordinator"), furnished_sqlite("reader")
    number = boss.made("/incidents", {"title": "A strange mail"})["number"]
    found = reader.seen("/techniques?q=spearphishing%20attachment")["items"]
    assert found[0] == {"id": "T1566.001", "name": "Spearphishing Attachment", "tactics": ["TA0001"]}
    for _again in range(2):
        added = boss.put(f"/incidents/{number}/techniques/T1566.001")
        assert (added.status_code, added.json) == (200, found[0])
    assert reader.seen(f"/incidents/{number}/techniques")["items"] == [found[0]]
    unknown = boss.put(f"/incidents/{number}/techniques/T0000")
    assert unknown.json is not None
    assert (unknown.status_code, unknown.json["code"]) == (422, "technique.unknown")
    assert reader.put(f"/incidents/{number}/techniques/T1566").status_code == 403
    assert boss.delete(f"/incidents/{number}/techniques/T1566.001").status_code == 204
    assert boss.delete(f"/incidents/{number}/techniques/T1566.001").status_code == 404
    assert reader.seen(f"/incidents/{number}/techniques")["items"] == []

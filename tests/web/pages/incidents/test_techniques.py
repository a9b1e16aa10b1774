"""Techniques of ATT&CK on the pages of an incident and in Insights."""

from tests.web.office import Office


def test_a_technique_is_found_by_words_added_shown_counted_and_removed(office: Office) -> None:
    number = office.open("CERT", title="Strange mail")
    boss, reader = office.browser("coordinator"), office.browser("reader")
    place = f"/incidents/{number}/techniques"
    page = boss.get(f"{place}?q=spearphishing+attachment")
    assert "Spearphishing Attachment" in page
    assert "Initial Access" in page
    assert "初始访问" in boss.get(f"{place}?q=spearphishing+attachment&lang=zh")
    boss.get(f"{place}?lang=en")
    sent = boss.post(place, technique="T1566.001", q="spearphishing attachment")
    assert sent.headers["Location"].endswith("/techniques?q=spearphishing+attachment&said=added")
    assert "already added" in boss.get(f"{place}?q=spearphishing")
    timeline = boss.get(f"/incidents/{number}")
    assert "Technique seen: T1566.001 Spearphishing Attachment" in timeline
    assert "T1566.001 Spearphishing Attachment,1,0" in boss.get("/insights/techniques/csv")
    assert "Find a technique" not in reader.get(place)
    reader.post(place, 403, technique="T1566")
    assert "There is no such technique." in boss.post(place, 422, technique="nothing").text
    boss.post(f"{place}/T1566.001/remove")
    assert "None known." in boss.get(place)
    assert boss.get(f"{place}?q=zzz").count("No technique has these words.") == 1

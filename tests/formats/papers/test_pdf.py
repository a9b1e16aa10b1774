"""The PDF of a document: places and sizes by GB/T 9704, and texts that nobody can make into source."""

import subprocess
import time
from importlib import resources
from typing import Any

import pytest

from incident.core.documents.paper import paper_document
from incident.formats.papers.compiling import PaperError, compile_paper
from tests.formats.papers.sheets import MM, line, pages_of, paper, rules_of

LEFT, RIGHT, TOP, BOTTOM = 28.0, 184.0, 37.0, 262.0
"""The type area of 156 by 225 mm on A4, in millimetres from the left and upper edges."""

PITCH = 225 / 22
CHARACTER = 156 / 28


def near(millimetres: float) -> Any:
    approximate: Any = pytest.approx(millimetres, abs=0.3)
    return approximate


def test_a_document_stands_where_the_standard_says() -> None:
    first, last = pages_of(paper())
    assert [first.width / MM, first.height / MM] == [near(210), near(297)]
    marks = [line(first, "工作秘密"), line(first, "特急")]
    assert [(one["left"], one["top"], one["size"]) for one in marks] == [
        (near(LEFT), near(TOP), 16),
        (near(LEFT), near(TOP + PITCH), 16),
    ]
    issuer = line(first, "某市网信办文件")
    assert issuer["top"] == near(TOP + 35)
    assert issuer["left"] - LEFT == pytest.approx(RIGHT - issuer["right"], abs=1.5)
    number = line(first, "〔2026〕12号")
    assert (number["left"], number["right"]) == (near(LEFT + CHARACTER), near(RIGHT - CHARACTER))
    assert number["top"] == near(issuer["bottom"] + 2 * PITCH)
    [rule] = rules_of(first)
    assert (rule["x0"] / MM, rule["x1"] / MM, rule["top"] / MM) == (near(LEFT), near(RIGHT), near(number["bottom"] + 4))
    red, green, blue = rule["stroking_color"]
    assert red > 0.7 > 0.3 > max(green, blue)
    title = line(first, "关于请求支援流量清洗的请示")
    assert (title["top"], title["size"]) == (near(rule["top"] / MM + 2 * PITCH), 22)
    assert line(first, "某省网信办：")["top"] == near(title["bottom"] + PITCH)
    assert line(first, "一、基本情况")["left"] == near(LEFT + 2 * CHARACTER)
    [day] = [one for one in last.extract_text_lines() if one["text"].strip() == paper().day]
    assert day["x1"] / MM == near(RIGHT - 4 * CHARACTER)


def test_the_foot_of_the_last_page_names_who_gets_copies_between_two_heavy_and_one_light_line() -> None:
    last = pages_of(paper())[-1]
    rules = rules_of(last)
    assert [round(one["linewidth"] / MM, 2) for one in rules] == [0.35, 0.25, 0.35]
    assert rules[-1]["top"] / MM == near(BOTTOM)
    assert [round(line(last, one)["size"], 3) for one in ("抄送：省公安厅", "印发")] == [14, 14]


def test_a_full_page_has_22_lines_of_28_characters_and_numbers_stand_outside() -> None:
    pages = pages_of(paper(paragraphs=[(0, "网" * 2000)], copies="", printed=()))
    lines = [one for one in pages[1].extract_text_lines() if "网" in one["text"]]
    assert (len(lines), {len(one["text"]) for one in lines}) == (22, {28})
    assert (lines[0]["top"] / MM, lines[0]["x0"] / MM, lines[0]["x1"] / MM) == (near(TOP), near(LEFT), near(RIGHT))
    assert {round((one["x1"] - one["x0"]) / MM) for one in lines} == {156}
    odd, even = line(pages[0], "—1—"), line(pages[1], "—2—")
    assert odd["right"] == near(RIGHT - 14 / MM)
    assert even["left"] == near(LEFT + 14 / MM)
    for one in (odd, even):
        assert (one["top"] + one["bottom"]) / 2 == pytest.approx(BOTTOM + 7, abs=0.6)


def test_an_exercise_and_a_draft_say_so_on_each_page_and_a_form_keeps_its_margins() -> None:
    rows = [("说明", "多行\n文字" * 60)] * 3
    for printed in (paper(drill="演练", stamp="草稿"), paper(layout="form", rows=rows, drill="演练", stamp="草稿")):
        pages = pages_of(printed)
        assert len(pages) > 1
        for page in pages:
            chars = "".join(one["text"] for one in page.chars)
            assert all(word in chars for word in "演练草稿")
            held = [one for one in page.chars if one["upright"] and TOP < one["top"] / MM < BOTTOM]
            assert min(one["x0"] for one in held) / MM > LEFT - 0.3
            assert max(one["x1"] for one in held) / MM < RIGHT + 0.3


def test_what_looks_like_source_is_printed_as_it_is(tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("zqsecret")
    hostile = f'#import "@preview/x:1.0.0": * #read("{secret}") \\ * _ $x$ <a> `b` // /* ]}} ) "'
    printed = paper(
        title=hostile[:60], issuer="#panic()", paragraphs=[(0, hostile)], copies=hostile, signatory="]#eval"
    )
    text = " ".join(one["text"] for page in pages_of(printed) for one in page.chars).replace(" ", "")
    assert "zqsecret" not in text
    for one in ('#import"@preview/x:1.0.0"', "#read(", "\\*_$x$<a>`b`///*", "#panic()", "]#eval"):
        assert one in text


def test_what_the_template_itself_may_not_do_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    class Folder:
        def joinpath(self, _name: str) -> "Folder":
            return self

        def read_text(self, _encoding: str) -> str:
            return self.source

        source = ""

    folder = Folder()
    monkeypatch.setattr(resources, "files", lambda _name: folder)
    for folder.source in ('#read("/etc/passwd")', '#read("../../etc/passwd")', '#import "@preview/cetz:0.4.0": *'):
        with pytest.raises(PaperError, match=r"document_file\.broken"):
            compile_paper(paper_document(paper()), "pdf")


def test_long_words_and_both_directions_stay_within_the_type_area() -> None:
    texts = ["0123456789abcdef" * 8, "事件 incident حادث 事件：" * 8, "https://evil.example/" + "x" * 300]
    printed = paper(title="中文 English العربية", paragraphs=[(0, one) for one in texts], copies="z" * 200)
    for page in pages_of(printed):
        assert max(one["x1"] for one in page.chars if one["text"].strip()) / MM < RIGHT + 0.5
    assert texts[0] in "".join(one["text"] for one in pages_of(printed)[0].chars)


def test_two_hundred_pages_are_made_within_the_limits() -> None:
    began_at = time.monotonic()
    assert len(pages_of(paper(paragraphs=[(0, "网络安全事件" * 100)] * 205))) >= 200
    assert time.monotonic() - began_at < 30


def test_a_compiler_that_hangs_or_is_missing_is_a_fault_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("incident.formats.papers.compiling.TIME_LIMIT", 0.01)
    with pytest.raises(PaperError, match=r"document_file\.too_slow"):
        compile_paper(paper_document(paper()), "pdf")
    for status, code in ((3, "no_compiler"), (4, "no_font"), (-9, "broken"), (0, "broken")):
        done = subprocess.CompletedProcess([], status, b"", b"")
        monkeypatch.setattr(subprocess, "run", lambda *_args, done=done, **_more: done)
        with pytest.raises(PaperError) as raised:
            compile_paper("{}", "docx")
        assert raised.value.code == f"document_file.{code}"

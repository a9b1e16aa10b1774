"""The .docx of a document: the same content and measures as its PDF."""

import io
from typing import Any

import docx
from docx.oxml.ns import qn

from incident.core.documents.paper import paper_document
from incident.formats.papers.compiling import compile_paper
from tests.formats.papers.sheets import paper


def opened(**changes: Any) -> Any:
    return docx.Document(io.BytesIO(compile_paper(paper_document(paper(**changes)), "docx")))


def test_a_document_has_the_page_and_the_lines_of_the_standard() -> None:
    made = opened()
    section = made.sections[0]
    sides = ("page_width", "page_height", "top_margin", "bottom_margin", "left_margin", "right_margin")
    assert [round(getattr(section, one).mm) for one in sides] == [210, 297, 37, 35, 28, 26]
    texts = [one.text for one in made.paragraphs]
    assert texts[:5] == [
        "工作秘密",
        "特急",
        "某市网信办文件",
        "　某网信〔2026〕12号\t签发人：王芳",
        "关于请求支援流量清洗的请示",
    ]
    assert texts[5:] == [
        "某省网信办：",
        "一、基本情况",
        "网" * 400,
        "某市网信办",
        "2026年12月1日",
        "抄送：省公安厅",
        "某市网信办\t2026年12月1日印发",
    ]
    body = made.paragraphs[7]
    assert (body.paragraph_format.line_spacing.pt, body.runs[0].font.size.pt) == (28.95, 16)
    assert body.runs[0]._r.rPr.rFonts.get(qn("w:eastAsia")) == "仿宋"
    above = sum(one.paragraph_format.line_spacing.pt for one in made.paragraphs[:2])
    assert round((above + made.paragraphs[2].paragraph_format.space_before.pt) / 72 * 25.4) == 35
    assert "PAGE" in section.footer._element.xml
    assert "PAGE" in section.even_page_footer._element.xml


def test_a_form_is_a_table_and_an_exercise_and_a_draft_say_so_on_each_page() -> None:
    made = opened(layout="form", rows=[("标题", "多行\n文字\ufffe"), ("说明", "<w:p/>")], drill="演练", stamp="草稿")
    assert [[cell.text for cell in row.cells] for row in made.tables[0].rows] == [
        ["标题", "多行\n文字"],
        ["说明", "<w:p/>"],
    ]
    section = made.sections[0]
    assert [one.paragraphs[0].text for one in (section.header, section.even_page_header)] == ["演练　草稿"] * 2

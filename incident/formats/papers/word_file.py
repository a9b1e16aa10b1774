"""A paper as Office Open XML (.docx), with the layout of GB/T 9704 that the PDF has."""

import io
import re
from collections.abc import Mapping
from typing import Any, Final

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph

RED: Final = "C8102E"
PITCH: Final = 28.95
"""Points from line to line: 22 lines in 225 mm."""

SIZE: Final = 16.0
TIGHT: Final = -5
"""Twentieths of a point between characters: 28 of them in 156 mm."""

WIDTH: Final = 442.2
"""Points of the type area's width."""

FANG, HEI, KAI, SONG, BIAO = "仿宋", "黑体", "楷体", "宋体", "方正小标宋简体"
_LATIN: Final = {FANG: "FangSong", HEI: "SimHei", KAI: "KaiTi", SONG: "SimSun", BIAO: "FZXiaoBiaoSong-B05S"}
_NO_XML: Final = re.compile("[\ufffe\uffff]")

Paper = Mapping[str, Any]


def word_file(paper: Paper) -> bytes:
    """Return a paper as a .docx file."""
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = _clean(paper["title"])[:255], ""
    _pages(document, paper)
    _marks(document, paper)
    if paper["layout"] == "official":
        _official(document, paper)
    else:
        _form(document, paper)
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def _pages(document: Document, paper: Paper) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(14), Mm(23)
    document.settings.odd_and_even_pages_header_footer = True
    banner = "　".join(one for one in (paper["drill"], paper["stamp"]) if one)
    for header, footer, side in (
        (section.header, section.footer, ALIGN.RIGHT),
        (section.even_page_header, section.even_page_footer, ALIGN.LEFT),
    ):
        if banner:
            _write(header.paragraphs[0], banner, HEI, 20, color=RED).alignment = ALIGN.CENTER
        number = footer.paragraphs[0]
        number.alignment = side
        number.paragraph_format.left_indent = number.paragraph_format.right_indent = Pt(14)
        _write(number, "— ", SONG, 14)
        _page_field(number)
        _write(number, " —", SONG, 14)


def _page_field(paragraph: Paragraph) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    run = paragraph.add_run("1")
    _font(run, SONG, 14)
    field.append(run._r)  # the library has no fields
    paragraph._p.append(field)


def _marks(document: Document, paper: Paper) -> None:
    for one in (paper["marking"], paper["urgency"]):
        if one:
            _line(document, one, HEI, paper)


def _official(document: Document, paper: Paper) -> None:
    above = sum(1 for one in (paper["marking"], paper["urgency"]) if one)
    mark = paper["issuer"] + paper["mark"]
    size = max(26.0, min(42.0, WIDTH / (_width(mark, 1.0) * 1.06)))
    issuer = document.add_paragraph()
    _write(issuer, mark, BIAO, size, color=RED).alignment = ALIGN.CENTER
    _space(issuer, before=Mm(35) - Pt(PITCH * above), line=size * 1.25)
    _number(document, paper)
    title = document.add_paragraph()
    _write(title, paper["title"], BIAO, 22).alignment = ALIGN.CENTER
    _space(title, before=Pt(2 * PITCH), after=Pt(PITCH), line=32)
    if paper["addressee"]:
        _line(document, paper["addressee"] + paper["words"]["colon"], FANG, paper)
    for level, text in paper["paragraphs"]:
        written = _line(document, text, (FANG, HEI, KAI)[level], paper)
        written.paragraph_format.first_line_indent = Pt(2 * (SIZE + TIGHT / 20))
        written.paragraph_format.keep_with_next = level > 0
        written.alignment = ALIGN.JUSTIFY
    _signature(document, paper)
    _imprint(document, paper)


def _number(document: Document, paper: Paper) -> None:
    number = _line(document, paper["number"], FANG, paper)
    _space(number, before=Pt(2 * PITCH), line=PITCH)
    if paper["signatory"]:
        number.paragraph_format.tab_stops.add_tab_stop(Pt(WIDTH - SIZE), WD_TAB_ALIGNMENT.RIGHT)
        for run in number.runs:
            run.text = f"　{run.text}\t签发人："
        _write(number, paper["signatory"], KAI, SIZE)
    else:
        number.alignment = ALIGN.CENTER
    _border(number, "bottom", eighths=16, color=RED, space=11)


def _signature(document: Document, paper: Paper) -> None:
    """Write the issuer centred above the date, which stands four characters from the right."""
    right = 4 * SIZE
    over = (_width(paper["issuer"], SIZE) - _width(paper["day"], SIZE)) / 2
    for index, (text, indent) in enumerate(((paper["issuer"], max(0.0, right - over)), (paper["day"], right))):
        line = _line(document, text, FANG, paper)
        line.alignment = ALIGN.RIGHT
        line.paragraph_format.right_indent = Pt(indent)
        line.paragraph_format.keep_with_next = index == 0
        if index == 0:
            _space(line, before=Pt(2 * PITCH), line=PITCH)


def _imprint(document: Document, paper: Paper) -> None:
    """Write 版记 at the foot of the last page's type area."""
    words, printed = paper["words"], paper["printed"]
    lines = [words["copies"] + words["colon"] + paper["copies"]] if paper["copies"] else []
    if printed:
        lines.append(f"{printed[0]}\t{printed[1]}{words['printed']}")
    for index, text in enumerate(lines):
        line = document.add_paragraph()
        _write(line, text, FANG, 14)
        line.paragraph_format.left_indent = line.paragraph_format.right_indent = Pt(14)
        line.paragraph_format.tab_stops.add_tab_stop(Pt(WIDTH - 14), WD_TAB_ALIGNMENT.RIGHT)
        _space(line, line=22)
        _at_foot(line)
        _border(line, "top", eighths=8 if index == 0 else 6, space=1)
        if index == len(lines) - 1:
            _border(line, "bottom", eighths=8, space=1)


def _form(document: Document, paper: Paper) -> None:
    number = _line(document, paper["number"], FANG, paper, 12)
    number.alignment = ALIGN.RIGHT
    title = document.add_paragraph()
    _write(title, paper["title"], BIAO, 22).alignment = ALIGN.CENTER
    _space(title, before=Mm(4), after=Mm(6), line=32)
    table = document.add_table(rows=0, cols=2, style="Table Grid")
    table.autofit = False
    for label, value in paper["rows"]:
        cells = table.add_row().cells
        for cell, text, face, width in ((cells[0], label, HEI, 42), (cells[1], value, FANG, 114)):
            cell.width = Mm(width)
            _write(cell.paragraphs[0], text, face, 12)
            _space(cell.paragraphs[0], line=18)


def _line(document: Document, text: str, face: str, paper: Paper, size: float = SIZE) -> Paragraph:
    paragraph = document.add_paragraph()
    _write(paragraph, text, face, size, tight=TIGHT if paper["language"] == "zh" and size == SIZE else 0)
    _space(paragraph, line=PITCH)
    return paragraph


def _write(
    paragraph: Paragraph, text: str, face: str, size: float, *, color: str | None = None, tight: int = 0
) -> Paragraph:
    run = paragraph.add_run(_clean(text))
    _font(run, face, size)
    if color is not None:
        run.font.color.rgb = RGBColor.from_string(color)
    if tight:
        spacing = OxmlElement("w:spacing")
        spacing.set(qn("w:val"), str(tight))
        run._r.get_or_add_rPr().append(spacing)
    return paragraph


def _font(run: Any, face: str, size: float) -> None:
    run.font.name, run.font.size = _LATIN[face], Pt(round(size * 2) / 2)
    run._r.rPr.rFonts.set(qn("w:eastAsia"), face)


def _space(paragraph: Paragraph, *, line: float, before: int = 0, after: int = 0) -> None:
    form = paragraph.paragraph_format
    form.space_before, form.space_after = Length(max(before, 0)), Length(after)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)


def _border(paragraph: Paragraph, side: str, *, eighths: int, space: int, color: str = "000000") -> None:
    """Draw a line beside a paragraph, of a width in eighths of a point, at a distance in points."""
    properties = paragraph._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", eighths), ("space", space), ("color", color)):
        line.set(qn(f"w:{name}"), str(value))
    borders.append(line)


def _at_foot(paragraph: Paragraph) -> None:
    """Put a paragraph into a frame at the foot of the type area."""
    frame = OxmlElement("w:framePr")
    places = {"w": round(WIDTH * 20), "hSpace": 0, "wrap": "around", "hAnchor": "margin", "vAnchor": "margin"}
    for name, value in {**places, "xAlign": "left", "yAlign": "bottom"}.items():
        frame.set(qn(f"w:{name}"), str(value))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(frame, "w:pBdr", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _width(text: str, size: float) -> float:
    """Return about how wide a text is, in points: letters of ASCII take half of the others."""
    return max(1.0, sum(0.5 if one.isascii() else 1.0 for one in text)) * size


def _clean(text: str) -> str:
    return _NO_XML.sub("", text)

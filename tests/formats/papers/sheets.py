"""Papers of tests, and where their texts stand in a PDF."""

import io
from collections.abc import Sequence
from typing import Any

import pdfplumber

from incident.core.documents.paper import Paper, paper_document
from incident.formats.papers.compiling import compile_paper

MM = 72 / 25.4
"""Points of a millimetre."""


def paper(**changes: Any) -> Paper:
    """A request to a superior authority, signed."""
    members = {
        "language": "zh",
        "layout": "official",
        "title": "关于请求支援流量清洗的请示",
        "issuer": "某市网信办",
        "mark": "文件",
        "number": "某网信〔2026〕12号",
        "signatory": "王芳",
        "addressee": "某省网信办",
        "paragraphs": [(1, "一、基本情况"), (0, "网" * 400)],
        "rows": [],
        "day": "2026年12月1日",
        "copies": "省公安厅",
        "printed": ("某市网信办", "2026年12月1日"),
        "marking": "工作秘密",
        "urgency": "特急",
        "drill": "",
        "stamp": "",
    }
    return Paper(**members | changes)


def pages_of(printed: Paper) -> Sequence[Any]:
    """The pages of a paper's PDF."""
    made = compile_paper(paper_document(printed), "pdf")
    return list(pdfplumber.open(io.BytesIO(made)).pages)


def rules_of(page: Any) -> list[dict[str, Any]]:
    """The lines that are drawn on a page, from above."""
    return sorted([*page.lines, *page.rects], key=lambda one: float(one["top"]))


def line(page: Any, words: str) -> dict[str, float]:
    """Where a line that has some words stands: millimetres from the left and upper edges, and the size in points."""
    [found] = [one for one in page.extract_text_lines(return_chars=True) if words in one["text"].replace(" ", "")]
    chars = [one for one in found["chars"] if one["text"].strip()]
    return {
        "left": chars[0]["x0"] / MM,
        "right": chars[-1]["x1"] / MM,
        "top": found["top"] / MM,
        "bottom": found["bottom"] / MM,
        "size": chars[0]["size"],
    }

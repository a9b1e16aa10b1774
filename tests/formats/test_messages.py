"""Message texts compared with golden files; `GOLDEN=write` rewrites them for review before a commit."""

import gettext
import io
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from incident.core.incidents.news import Kind, NewsMail
from incident.core.notifications.bundle import make_bundle
from incident.core.notifications.message import LANGUAGES, MESSAGE_TYPES, MessageFacts, MessageType, TaskFacts
from incident.formats.messages import TRANSLATIONS, Catalogues, MissingCatalogueError, Writer, Written, load_catalogues
from incident.formats.news_mail import write_news_mail

GOLDEN = Path(__file__).parent / "golden"
DEPARTMENTS = {"en": "City Network Office", "zh_Hans_CN": "市网信办"}
CATEGORIES = {"en": "Ransomware", "zh_Hans_CN": "勒索软件事件"}
TITLES = {"en": "Files encrypted on the payroll server", "zh_Hans_CN": "工资服务器文件被加密"}
TASKS = {"en": "Cut the payroll server off the network", "zh_Hans_CN": "将工资服务器断网隔离"}
REASONS = {"en": "the payroll server belongs to the hospital", "zh_Hans_CN": "工资服务器归医院管理"}
CONTENT = ("payroll", "工资", "Ransomware", "勒索", "II Major", "Ⅱ级", "重大")


@pytest.fixture(scope="session")
def catalogues() -> Catalogues:
    """The committed texts, compiled here, so that no older compiled file is used."""
    words: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
    for language in LANGUAGES[1:]:
        compiled = io.BytesIO()
        with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as stream:
            write_mo(compiled, read_po(stream, locale=language))
        compiled.seek(0)
        words[language] = Translations(compiled)
    return words


@pytest.fixture(scope="session")
def writer(catalogues: Catalogues) -> Writer:
    return Writer(catalogues)


def facts_of(kind: MessageType, language: str = "en", tlp: str = "amber") -> MessageFacts:
    given = MessageFacts(
        type=kind,
        at=datetime(2026, 11, 20, 19, 0, tzinfo=UTC),
        department=DEPARTMENTS[language],
        timezone="Asia/Shanghai",
    )
    if kind == "contact.test":
        return given
    return replace(
        given,
        incident="INC-2026-000042",
        title=TITLES[language],
        grade=2,
        category=CATEGORIES[language],
        tlp=tlp,
        level=2 if kind == "notice.escalated" else 1,
        next_at=datetime(2026, 11, 20, 19, 15, tzinfo=UTC) if kind.startswith("notice") else None,
        notice=7,
        acknowledge_url="https://incident.example/acknowledge/Zm9vYmFy?language=x&y=z",
        incident_url="https://incident.example/incidents/INC-2026-000042",
        reason=REASONS[language] if kind == "notice.declined" else None,
        task=TaskFacts(TASKS[language], datetime(2026, 11, 20, 21, 0, tzinfo=UTC)) if kind == "task.created" else None,
    )


def as_file(written: Written) -> str:
    return f"{written.subject}\n\n{written.text}\n\n{'-' * 70}\n{written.html}\n"


@pytest.mark.parametrize("tlp", ["amber", "red"])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MESSAGE_TYPES)
def test_each_message_reads_as_its_golden_file(writer: Writer, kind: MessageType, language: str, tlp: str) -> None:
    text = as_file(writer.write(facts_of(kind, language, tlp), language))
    file = GOLDEN / f"{kind}.{language}{'.red' if tlp == 'red' else ''}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MESSAGE_TYPES)
def test_of_tlp_red_no_content_is_in_any_text(writer: Writer, kind: MessageType, language: str) -> None:
    text = as_file(writer.write(facts_of(kind, language, "red"), language))
    assert [word for word in CONTENT if word in text] == []
    if kind != "contact.test":
        assert ("sign in to read" if language == "en" else "请登录后查看") in text
        assert "INC-2026-000042" in text


@pytest.mark.parametrize("kind", ["notice.created", "notice.escalated"])
def test_the_first_line_says_what_how_grave_what_to_do_and_until_when(writer: Writer, kind: MessageType) -> None:
    english = writer.write(facts_of(kind)).text.splitlines()[0]
    chinese = writer.write(facts_of(kind, "zh_Hans_CN"), "zh_Hans_CN").text.splitlines()[0]
    link = "https://incident.example/acknowledge/Zm9vYmFy?language=x&y=z"
    for part in ("INC-2026-000042", "II Major", TITLES["en"], "21 Nov 2026, 03:15 (GMT+08:00)", link):
        assert part in english
    for part in ("INC-2026-000042", "Ⅱ级（重大）", TITLES["zh_Hans_CN"], "2026年11月21日 03:15（中国标准时间）", link):
        assert part in chinese


def test_the_last_level_learns_that_nobody_is_told_after_it(writer: Writer) -> None:
    last = replace(facts_of("notice.escalated"), next_at=None)
    assert "no one to notify after you" in writer.write(last).text.splitlines()[0]


@pytest.mark.parametrize("kind", MESSAGE_TYPES)
def test_every_message_can_be_written_without_what_may_be_missing(writer: Writer, kind: MessageType) -> None:
    bare = MessageFacts(
        type=kind, at=datetime(2026, 1, 1, tzinfo=UTC), department="D", incident="INC-2026-000001", title="T"
    )
    bare = replace(bare, task=TaskFacts("K") if kind == "task.created" else None)
    for language in LANGUAGES:
        text = as_file(writer.write(bare, language))
        assert "None" not in text
        assert "http" not in text


def test_a_title_can_bring_in_no_line_no_markup_and_no_place_to_fill(writer: Writer) -> None:
    evil = "A\r\nBcc: x@y.example\n\n<script>alert(1)</script> & %(url)s {{ 7*7 }} 100%"
    for kind in ("notice.created", "task.created"):
        facts = replace(facts_of(kind), title=evil, department=evil, task=TaskFacts(evil))
        written = writer.write(facts)
        assert written.subject.isprintable()
        assert "%(url)s {{ 7*7 }} 100%" in written.text.splitlines()[0]
        assert "<script>" not in written.html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; %(url)s {{ 7*7 }} 100%" in written.html


def test_a_long_title_is_cut_in_the_subject_and_whole_in_the_text(writer: Writer) -> None:
    written = writer.write(replace(facts_of("notice.created"), title="长" * 300))
    assert "长" * 79 + "…" in written.subject
    assert "长" * 300 in written.text


class _Tags(HTMLParser):
    """Open work, and every address."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        self.links += [value or "" for name, value in attributes if name in ("href", "src", "action", "background")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", MESSAGE_TYPES)
def test_the_html_is_small_closed_and_loads_nothing(writer: Writer, kind: MessageType, language: str) -> None:
    html = writer.write(facts_of(kind, language), language).html
    tags = _Tags()
    tags.feed(html)
    assert tags.open == []
    assert all(link.startswith("https://incident.example/") for link in tags.links)
    assert not re.search(r"<(img|script|link|iframe|style)|url\(", html)
    assert len(html.encode()) < 8_000


def test_a_language_without_a_compiled_catalogue_is_a_fault_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingCatalogueError, match="make setup"):
        load_catalogues(tmp_path)


def test_compiled_catalogues_are_found_by_their_folder(tmp_path: Path, catalogues: Catalogues) -> None:
    folder = tmp_path / "zh_Hans_CN" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (TRANSLATIONS / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po").open("rb") as source:
        compiled = read_po(source, locale="zh_Hans_CN")
    with (folder / "messages.mo").open("wb") as stream:
        write_mo(stream, compiled)
    written = Writer(load_catalogues(tmp_path)).write(facts_of("contact.test", "zh_Hans_CN"), "zh_Hans_CN")
    assert written.subject == "测试消息：市网信办"


def test_an_unknown_language_is_refused(writer: Writer) -> None:
    with pytest.raises(KeyError):
        writer.write(facts_of("contact.test"), "tlh")


@pytest.mark.parametrize(
    ("language", "notified", "unreached"), [("en", "Isolate", "隔离"), ("zh_Hans_CN", "隔离", "Isolate")]
)
def test_a_receiver_reads_what_is_said_in_two_languages_in_their_own(
    writer: Writer, language: str, notified: str, unreached: str
) -> None:
    both = TaskFacts("Isolate the hosts / 隔离主机")
    facts = replace(facts_of("task.created", language), task=both, department="Isolators / 隔离组", is_exercise=True)
    written = writer.write(replace(facts, title="Exercise: Isolate / 演练：隔离"), language)
    for text in (written.subject, written.text, written.html):
        assert notified in text
        assert unreached not in text


def test_the_title_that_people_wrote_is_told_whole(writer: Writer) -> None:
    facts = replace(facts_of("notice.created"), title="Call Bob / 张三")
    assert "Call Bob / 张三" in writer.write(facts).text


def items_of(language: str) -> list[MessageFacts]:
    """Four incidents of which one is TLP:RED, one with a task, one without grade."""
    first = facts_of("notice.escalated", language)
    return [
        replace(facts_of("notice.created", language), incident="INC-2026-000043", grade=None),
        replace(facts_of("notice.created", language, "red"), incident="INC-2026-000044"),
        replace(facts_of("task.created", language), incident="INC-2026-000045", grade=1),
        first,
    ]


@pytest.mark.parametrize("most", [200, 2, 0], ids=["mail", "chat", "sms"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_bundle_reads_as_its_golden_file(writer: Writer, language: str, most: int) -> None:
    bundle = make_bundle(items_of(language), "https://incident.example/inbox", most)
    written = writer.write_bundle(bundle, language)
    text = as_file(written) if most == 200 else f"{written.subject}\n\n{written.asked}\n"
    file = GOLDEN / f"notice.bundle.{most}.{language}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_a_bundle_about_one_incident_says_one_and_keeps_its_thread(writer: Writer) -> None:
    both = [facts_of("notice.created"), facts_of("notice.escalated")]
    bundle = make_bundle(both, "https://incident.example/inbox", 200)
    assert bundle.thread == "INC-2026-000042"
    assert writer.write_bundle(bundle).subject == "1 incident: 1 of grade II"


@pytest.mark.parametrize("tlp", ["amber", "red"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_mail_to_a_follower_is_that_of_the_golden_file(catalogues: Catalogues, language: str, tlp: str) -> None:
    changes: list[tuple[Kind, str]] = [
        ("grade", "2"),
        ("grade", ""),
        ("deadline", "50"),
        ("deadline", "100"),
        ("status", "handling"),
        ("owner", "Li Wei / 李伟"),
        ("owner", ""),
        ("mentioned", "@ann the payroll server"),
        ("declined", "@ann the payroll server"),
        ("closed", "Ransomware removed"),
    ]
    mail = NewsMail("INC-2026-000042", TITLES[language], tlp, False, changes)
    written = as_file(write_news_mail(mail, "https://incident.example", language, catalogues[language].gettext))
    file = GOLDEN / f"incident.followed.{language}{'.red' if tlp == 'red' else ''}.txt"
    if os.environ.get("GOLDEN") == "write":
        file.write_text(written, "utf-8")
    assert written == file.read_text("utf-8")
    assert "Ransomware" not in written
    assert "@ann" not in written
    assert tlp != "red" or not any(word in written for word in CONTENT)

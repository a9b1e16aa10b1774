"""The columns of departments, people, members and contacts in spreadsheets."""

from typing import Any, Final

from incident.core.values.access import ROLES_OF_PEOPLE
from incident.core.values.faults import RuleError
from incident.core.values.identifier import require_code
from incident.core.values.table import Column, read_truth, write_truth
from incident.core.values.text import require_login, require_name, require_text

SHEET_NAME_LIMIT: Final = 200
ADDRESS_LIMIT: Final = 2_000
MAX_LEVELS: Final = 20
POSITIONS: Final = ("head", "deputy", "member")
LANGUAGES: Final = ("en", "zh_Hans_CN")

_POSITION_TITLES: Final = {"负责人": "head", "副职": "deputy", "成员": "member"}
_LANGUAGE_TITLES: Final = {"中文": "zh_Hans_CN", "zh": "zh_Hans_CN", "english": "en"}
_ROLE_TITLES: Final = {
    "管理员": "administrator",
    "协调员": "coordinator",
    "处置人员": "responder",
    "部门": "department",
    "只读": "reader",
}


def _needed_code(text: str, pointer: str) -> str:
    if not text.strip():
        raise RuleError("document.missing", pointer=pointer)
    return require_code(text.strip(), pointer)


def _maybe_code(text: str, pointer: str) -> str | None:
    return require_code(text.strip(), pointer) if text.strip() else None


def _needed_name(text: str, pointer: str) -> str:
    if not text.strip():
        raise RuleError("document.missing", pointer=pointer)
    return require_name(text.strip(), SHEET_NAME_LIMIT, pointer)


def _needed_login(text: str, pointer: str) -> str:
    if not text.strip():
        raise RuleError("document.missing", pointer=pointer)
    login = require_login(text, pointer)
    if len(login) > SHEET_NAME_LIMIT:
        raise RuleError("text.too_long", {"limit": SHEET_NAME_LIMIT}, pointer=pointer)
    return login


def _choice(text: str, pointer: str, choices: tuple[str, ...], titles: dict[str, str]) -> str:
    word = titles.get(text.strip().casefold(), text.strip())
    if word not in choices:
        raise RuleError("document.not_a_choice", {"choices": ", ".join(choices)}, pointer=pointer)
    return word


def _level(text: str, pointer: str) -> int:
    level = text.strip() or "1"
    if not (level.isascii() and level.isdigit() and len(level) < 4 and 1 <= int(level) <= MAX_LEVELS):
        raise RuleError("document.out_of_bounds", {"least": 1, "most": MAX_LEVELS}, pointer=pointer)
    return int(level)


def _address(text: str, pointer: str) -> str | None:
    return require_text(text.strip(), ADDRESS_LIMIT, pointer) if text.strip() else None


def _word(text: str, pointer: str) -> str:
    return require_text(text.strip(), 64, pointer)


def _or_empty(value: Any) -> str:
    return "" if value is None else str(value)


_LANGUAGE: Final = Column(
    "language", lambda text, at: _choice(text or "en", at, LANGUAGES, _LANGUAGE_TITLES), titles=("语言",)
)
DEPARTMENT_COLUMNS: Final = (
    Column("code", _needed_code, titles=("代码", "部门代码"), is_needed=True),
    Column("name", _needed_name, titles=("名称", "部门名称"), is_needed=True),
    Column("parent", _maybe_code, _or_empty, ("上级部门",)),
    Column("timezone", _word, titles=("时区",)),
    Column("calendar", _word, titles=("工作日历",)),
)
PEOPLE_COLUMNS: Final = (
    Column("login", _needed_login, titles=("登录名",), is_needed=True),
    Column("name", _needed_name, titles=("姓名",), is_needed=True),
    Column("role", lambda text, at: _choice(text, at, ROLES_OF_PEOPLE, _ROLE_TITLES), titles=("角色",), is_needed=True),
    Column("department", _maybe_code, _or_empty, ("部门",)),
    _LANGUAGE,
    Column("is_active", read_truth, write_truth, ("启用",)),
)
MEMBER_COLUMNS: Final = (
    Column("department", _needed_code, titles=("部门", "部门代码"), is_needed=True),
    Column("person", _needed_login, titles=("登录名", "人员"), is_needed=True),
    Column("position", lambda text, at: _choice(text or "member", at, POSITIONS, _POSITION_TITLES), titles=("职务",)),
)
CONTACT_COLUMNS: Final = (
    Column("department", _needed_code, titles=("部门", "部门代码"), is_needed=True),
    Column("name", _needed_name, titles=("名称", "姓名"), is_needed=True),
    Column("channel", lambda text, pointer: text.strip().casefold(), titles=("渠道",), is_needed=True),
    Column("address", _address, _or_empty, ("地址",)),
    Column("level", _level, titles=("层级",)),
    _LANGUAGE,
)

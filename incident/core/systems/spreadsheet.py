"""The columns of systems in a spreadsheet."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from incident.core.systems.system import (
    NOTE_LIMIT,
    SYSTEM_NAME_LIMIT,
    require_all,
    require_criticality,
    require_protection_level,
    require_system_address,
    require_system_name,
)
from incident.core.values.faults import RuleError
from incident.core.values.identifier import require_code
from incident.core.values.table import Column, read_truth, split_cell, write_truth
from incident.core.values.text import require_name, require_text

_CRITICALITIES: Final[Mapping[str, str]] = {"高": "high", "中": "moderate", "低": "low"}


def _name(text: str, pointer: str) -> str:
    name = text.strip()
    if not name:
        raise RuleError("document.not_a_text", pointer=pointer)
    return require_name(name, SYSTEM_NAME_LIMIT, pointer)


def _owner(text: str, pointer: str) -> str | None:
    return require_code(text.strip(), pointer) if text.strip() else None


def _level(text: str, pointer: str) -> int | None:
    level = text.strip()
    if not level:
        return None
    return require_protection_level(
        int(level) if level.isascii() and level.isdigit() and len(level) < 9 else level, pointer
    )


def _criticality(text: str, pointer: str) -> str | None:
    word = text.strip().casefold()
    return require_criticality(_CRITICALITIES.get(word, word), pointer) if word else None


def _values(require: Callable[[object, str], str]) -> Callable[[str, str], tuple[str, ...]]:
    return lambda text, pointer: require_all(split_cell(text), require, pointer)


def _note(text: str, pointer: str) -> str:
    return require_text(text.replace("\r\n", "\n").replace("\r", "\n").strip(), NOTE_LIMIT, pointer)


def _maybe(value: Any) -> str:
    return "" if value is None else str(value)


def _joined(values: Any) -> str:
    return ", ".join(values)


SYSTEM_COLUMNS: Final = (
    Column(
        "code", lambda text, pointer: require_code(text.strip(), pointer), titles=("代码", "系统代码"), is_needed=True
    ),
    Column("name", _name, titles=("名称", "系统名称"), is_needed=True),
    Column("owner", _owner, _maybe, ("主管部门", "责任部门")),
    Column("protection_level", _level, _maybe, ("level", "等级保护级别", "等保级别")),
    Column("criticality", _criticality, _maybe, ("重要程度",)),
    Column("is_critical_infrastructure", read_truth, write_truth, ("关键信息基础设施",)),
    Column("addresses", _values(require_system_address), _joined, ("地址", "IP地址")),
    Column("names", _values(require_system_name), _joined, ("主机名", "名称列表")),
    Column("note", _note, titles=("备注",)),
    Column("is_active", read_truth, write_truth, ("启用",)),
)
"""In the order in which they are exported; the code is what identifies a system."""

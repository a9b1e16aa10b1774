"""The words people see: extract them, merge them into the catalogues, compile them, and say what is missing."""

from __future__ import annotations

import re
import string
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
TRANSLATIONS = Path("incident/translations")
KEYWORDS = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "lazy_ngettext": (1, 2), "lazy_pgettext": ((1, "c"), 2)}
PERCENT_FIELD = re.compile(r"%\((\w+)\)[a-z]")


def catalogue_files(root: Path = ROOT) -> list[Path]:
    """The committed catalogues, one for each language."""
    return sorted((root / TRANSLATIONS).glob("*/LC_MESSAGES/messages.po"))


def read(file: Path) -> Catalog:
    """One catalogue; a broken file raises PoFileError with its line."""
    with file.open("rb") as stream:
        return read_po(stream, locale=file.parent.parent.name, domain="messages", abort_invalid=True)


def extract(root: Path = ROOT) -> Catalog:
    """Every text in the sources that is marked for translation, with its file."""
    mappings = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["babel"]["mappings"]
    method_map = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options_map = {
        mapping["pattern"]: {
            key: str(value).lower() for key, value in mapping.items() if key not in ("pattern", "method")
        }
        for mapping in mappings
    }
    template = Catalog(project="incident", domain="messages", fuzzy=False)
    found = extract_from_dir(
        root, method_map, options_map, keywords=KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
    )
    for file, line, words, comments, context in found:
        template.add(words, locations=[(file, line)], auto_comments=comments, context=context)
    return template


def update(root: Path = ROOT) -> None:
    """Merge new words into each catalogue, drop those that nothing shows any more, and sort."""
    template = extract(root)
    for file in catalogue_files(root):
        catalogue = read(file)
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False, update_creation_date=False)
        with file.open("wb") as stream:
            write_po(stream, catalogue, width=120, ignore_obsolete=True, sort_output=True, include_lineno=False)


def compile_all(root: Path = ROOT) -> None:
    """Write each catalogue's binary form beside it, where that is missing or older."""
    for file in catalogue_files(root):
        binary = file.with_suffix(".mo")
        if binary.exists() and binary.stat().st_mtime_ns >= file.stat().st_mtime_ns:
            continue
        fresh = binary.with_suffix(".mo.new")
        with fresh.open("wb") as stream:
            write_mo(stream, read(file))
        fresh.replace(binary)


def faults(root: Path = ROOT) -> Iterator[str]:
    """What is wrong with the catalogues, one sentence each: words missing, unused, fuzzy, or with other fields."""
    template = extract(root)
    for file in catalogue_files(root):
        catalogue = read(file)
        name = file.relative_to(root)
        for message in template:
            if message.id:
                yield from (
                    f"{name}: {fault}" for fault in _faults_of(message, catalogue.get(message.id, message.context))
                )
        for message in catalogue:
            if message.id and template.get(message.id, message.context) is None:
                yield f"{name}: nothing shows {_shown(message)} any more; `make words` drops it"


def _faults_of(source: Message, translated: Message | None) -> Iterator[str]:
    if translated is None or not _has_text(translated):
        place = source.locations[0][0] if source.locations else "the sources"
        yield f"no translation of {_shown(source)} ({place})"
        return
    if translated.fuzzy:
        yield f"{_shown(source)} is marked fuzzy"
    wanted = _fields(source.id)
    for text in _texts(translated.string):
        # A text with a field that the English lacks would fail at the moment it is shown.
        if _fields([text]) != wanted:
            yield f"{_shown(source)}: its fields are {sorted(wanted)}, the translation's are {sorted(_fields([text]))}"


def _has_text(message: Message) -> bool:
    return all(_texts(message.string)) and bool(_texts(message.string))


def _texts(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, (list, tuple)) else [str(value)]


def _fields(value: object) -> set[str]:
    """Names of the places that are filled in, `%(name)s` and `{name}`."""
    names: set[str] = set()
    for text in _texts(value):
        names.update(PERCENT_FIELD.findall(text))
        try:
            names.update(name for _, name, _, _ in string.Formatter().parse(text) if name)
        except ValueError:
            continue  # a text with a lone brace is no template
    return names


def _shown(message: Message) -> str:
    return repr(_texts(message.id)[0])


def main(arguments: list[str]) -> int:
    """`update`, `compile` or `check`; 1 when `check` found something."""
    match arguments:
        case ["update"]:
            update()
        case ["compile"]:
            compile_all()
        case ["check"]:
            found = list(faults())
            print("\n".join([*found, f"catalogues: {len(found)} faults"]))
            return 1 if found else 0
        case _:
            print("usage: python -m tools.catalogue update|compile|check", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

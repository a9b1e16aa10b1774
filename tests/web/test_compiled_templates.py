"""Templates are compiled once for all processes, and again when their source has changed."""

from pathlib import Path

import flask
import jinja2
import pytest

from incident.web import compiled_templates
from incident.web.compiled_templates import CompiledTemplates, load_compiled


def app_of(folder: Path, text: str = "Hello") -> flask.Flask:
    """An app with one template, whose compiled form is kept in a folder."""
    app = flask.Flask(__name__)
    app.jinja_env.loader = jinja2.DictLoader({"one.html": text})
    app.jinja_env.bytecode_cache = CompiledTemplates(folder)
    return app


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were compiled."""
    texts: list[str] = []
    compile_text = jinja2.Environment.compile

    def note(self: jinja2.Environment, source: str, *rest: object, **more: object) -> object:
        texts.append(source)
        return compile_text(self, source, *rest, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(jinja2.Environment, "compile", note)
    return texts


def test_a_second_process_reads_what_the_first_has_compiled(tmp_path: Path, compiled: list[str]) -> None:
    for _ in range(2):
        assert app_of(tmp_path).jinja_env.get_template("one.html").render() == "Hello"
    assert compiled == ["Hello"]
    assert [file.stat().st_mode & 0o777 for file in tmp_path.iterdir()] == [0o644]


def test_a_changed_source_is_compiled_again(tmp_path: Path, compiled: list[str]) -> None:
    app_of(tmp_path).jinja_env.get_template("one.html")
    assert app_of(tmp_path, "Good day").jinja_env.get_template("one.html").render() == "Good day"
    assert compiled == ["Hello", "Good day"]


@pytest.mark.parametrize("content", [b"", b"not a template", b"j2"])
def test_a_damaged_file_is_compiled_again(tmp_path: Path, compiled: list[str], content: bytes) -> None:
    app_of(tmp_path).jinja_env.get_template("one.html")
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert app_of(tmp_path).jinja_env.get_template("one.html").render() == "Hello"
    assert len(compiled) == 2


def test_a_folder_that_cannot_be_written_costs_time_and_nothing_else(tmp_path: Path) -> None:
    no_folder = tmp_path / "a file"
    no_folder.touch()
    assert app_of(no_folder).jinja_env.get_template("one.html").render() == "Hello"


def test_only_compiled_templates_are_loaded_before_the_start(tmp_path: Path, compiled: list[str]) -> None:
    load_compiled(app_of(tmp_path))
    assert compiled == []
    app_of(tmp_path).jinja_env.get_template("one.html")
    app = app_of(tmp_path)
    load_compiled(app)
    assert compiled == ["Hello"]
    assert app.jinja_env.cache is not None
    assert len(app.jinja_env.cache) == 1


def test_an_app_that_names_another_place_keeps_it() -> None:
    app = flask.Flask(__name__)
    own = app.jinja_env.bytecode_cache = CompiledTemplates(Path("elsewhere"))
    compiled_templates.register(app)
    assert app.jinja_env.bytecode_cache is own

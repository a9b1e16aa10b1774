"""Every command: its output, and its exit status 0, 1 or 2."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from incident.cli import main
from incident.config import shipped
from tests import receivers
from tests.core.cacao.build import action, choice, document, step_id
from tests.stories.served import free_port
from tests.world import World

LOOK = document({"look": action("done", timeout=60_000), "done": None}, name="Look")
HEAD = re.compile(r"^head (\d+:[0-9a-f]{64})$", re.MULTILINE)


def on_free_port(words: Sequence[str]) -> Sequence[str]:
    """Run a command; serving ones get a free port, as the default one may be in use."""
    is_serving = "serve" in words[:1] and not {"--port", "-h"} & {*words}
    return (*words, "--port", str(free_port())) if is_serving else words


class Terminal:
    """A home, and commands that are typed for it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environ = {"INCIDENT_HOME": str(home), "INCIDENT_TIMEZONE": "UTC"}

    def type(self, *words: str, given: str = "", **environ: str) -> Result:
        """Run a command; `given` is its standard input."""
        return CliRunner().invoke(main, on_free_port(words), input=given, env=self.environ | environ)

    def good(self, *words: str, given: str = "", **environ: str) -> str:
        """Run a command that must succeed, and return its output."""
        result = self.type(*words, given=given, **environ)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A terminal at a home that has been migrated and holds nothing else."""
    return Terminal(tmp_path / "home")


@pytest.fixture
def written(sqlite_world: World, terminal: Terminal) -> Terminal:
    """A terminal at a home in which something has happened."""
    sqlite_world.department("net", [("duty", 1)])
    sqlite_world.open("net")
    return terminal


def test_a_command_on_an_empty_home_makes_the_database_first(tmp_path: Path) -> None:
    fresh = Terminal(tmp_path / "somewhere" / "new")
    assert "The journal is intact: 0 entries." in fresh.good("journal", "verify")
    assert (fresh.home / "incident.db").exists()
    assert (fresh.home / "keys.json").stat().st_mode & 0o777 == 0o600


def test_an_output_that_cannot_be_written_ends_with_one_and_a_sentence(written: Terminal) -> None:
    if not Path("/dev/full").exists():
        return  # this system has no disk that is always full
    command = [sys.executable, "-m", "incident.cli", "journal", "verify"]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, env=os.environ | written.environ, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr == "error: The output cannot be written: No space left on device.\n"


def test_a_token_stands_alone_on_the_last_line_and_lets_a_program_in(terminal: Terminal) -> None:
    from incident.actions.directory.people import hash_of
    from incident.app import create_core
    from incident.config import read
    from incident.store.directory.tokens import live_token

    made = terminal.type("token", "create", "--name", "shipper", "--role", "source")
    token = made.stdout.splitlines()[-1]
    assert re.fullmatch(r"int_[A-Za-z0-9_-]{43}", token)
    with create_core(read(terminal.environ)).app_context():
        row = live_token(hash_of(token))
        assert row is not None
        assert (row.name, row.role) == ("shipper", "source")


def test_a_token_of_a_department_needs_one_that_is_here(written: Terminal) -> None:
    words = ("token", "create", "--name", "n", "--role", "department")
    assert written.type(*words).exit_code == 2
    unknown = written.type(*words, "--department", "nix")
    assert (unknown.exit_code, unknown.stdout) == (2, "")
    assert "/department" in unknown.stderr
    written.good(*words, "--department", "net")


@pytest.mark.parametrize(
    "words",
    [
        ("token", "create", "--name", "x", "--role", "king"),
        ("token", "create", "--role", "reader"),
        ("serve", "--port", "0"),
        ("serve", "--port", "70000"),
        ("serve", "--workers", "0"),
        ("playbook", "lint"),
        ("playbook", "lint", "/nowhere.json"),
        ("playbook", "add"),
        ("journal", "verify", "--head", "nonsense"),
        ("secret", "set"),
        ("nothing",),
        ("person", "add", "--login", "x"),
    ],
)
def test_wrong_use_ends_with_two_and_says_what_is_wrong(terminal: Terminal, words: tuple[str, ...]) -> None:
    result = terminal.type(*words)
    assert result.exit_code == 2, result.output
    assert result.stderr.strip()
    assert "Traceback" not in result.output


def test_a_person_is_added_with_a_password_from_standard_input(terminal: Terminal) -> None:
    words = ("person", "add", "--login", "li", "--name", "Li Wei", "--role", "coordinator", "--password-stdin")
    assert "Li Wei can sign in as 'li'." in terminal.good(*words, given="correct horse battery\n")
    twice = terminal.type(*words, given="correct horse battery\n")
    assert twice.exit_code == 2
    short = terminal.type(*[word.replace("li", "wu") for word in words], given="short\n")
    assert short.exit_code == 2
    assert "12" in short.stderr


def test_a_person_is_invited_by_a_link_and_reset_by_another(terminal: Terminal) -> None:
    words = ("person", "add", "--login", "li", "--name", "Li Wei", "--role", "reader")
    invitation = terminal.good(*words).splitlines()[-1]
    reset = terminal.good("person", "reset", "li").splitlines()[-1]
    for link in (invitation, reset):
        assert re.fullmatch(r"http://127\.0\.0\.1:8000/password/[\w-]{43}", link)
    assert invitation != reset
    nobody = terminal.type("person", "reset", "nobody")
    assert nobody.exit_code == 2
    assert "No one has the sign-in name nobody" in nobody.stderr


def test_the_shipped_playbooks_have_no_fault_and_can_be_added_twice(terminal: Terminal) -> None:
    linted = terminal.type("playbook", "lint", str(shipped("playbooks")))
    assert linted.exit_code == 0, linted.output
    assert linted.output.count("0 errors") == len(list(shipped("playbooks").glob("*.yaml"))) > 0
    first = terminal.good("playbook", "add", "--shipped")
    assert first == terminal.good("playbook", "add", "--shipped")


def test_lint_names_every_fault_with_its_place_and_ends_with_one(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "nowhere")
    bad = document({"look": action("done"), "done": None}, name="Bad")
    del bad["created_by"]
    bad["workflow_start"] = "start--00000000-0000-4000-8000-000000000000"
    (tmp_path / "bad.json").write_text(json.dumps(bad))
    (tmp_path / "good.yaml").write_text(json.dumps(LOOK))
    result = terminal.type("playbook", "lint", str(tmp_path / "bad.json"), str(tmp_path / "good.yaml"))
    assert result.exit_code == 1
    assert f"{tmp_path / 'bad.json'}#" in result.output
    assert "/workflow_start" in result.output
    assert f"{tmp_path / 'good.yaml'}: 0 errors" in result.output
    assert not terminal.home.exists(), "lint needs no home"


def broken(name: str = "Broken") -> dict[str, Any]:
    """A playbook as other tools write it: branches share their tail, no successor after the if, no agent."""
    steps: dict[str, Any] = {
        "if": choice("1 = 1", "a", on_false="b"),
        "a": action("t"),
        "b": action("t"),
        "t": action("e"),
        "e": None,
    }
    made = document(steps, name=name)
    del made["workflow"][step_id(made, "a")]["agent"]
    return made


def test_lint_refuses_a_step_that_waits_for_an_unknown_report_by_its_name(tmp_path: Path) -> None:
    text = (shipped("playbooks") / "notify-authority.yaml").read_text("utf-8")
    (tmp_path / "wrong.yaml").write_text(text.replace("stage: first}", "stage: second}"), "utf-8")
    result = Terminal(tmp_path).type("playbook", "lint", str(tmp_path / "wrong.yaml"))
    assert result.exit_code == 1
    assert result.output.count("Use one of: first, upward, summary") == 3
    assert "“First report, other operator" in result.output


def test_lint_lists_what_follows_from_a_fault_under_it_and_names_steps(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "nowhere")
    text = (shipped("playbooks") / "ransomware.yaml").read_text("utf-8")
    (tmp_path / "slip.yaml").write_text(text.replace("type: parallel", "type: paralel"), "utf-8")
    first, *others = terminal.type("playbook", "lint", str(tmp_path / "slip.yaml")).output.splitlines()
    assert "error unknown_step" in first
    assert others[1] == "    36 more follow from it:"
    assert all(line.startswith("    ") for line in others[:-1])
    assert any("“Isolate the affected machines / 隔离受影响主机”" in line for line in others)


@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_lint_fix_repairs_a_file_says_what_it_changed_and_keeps_the_original(
    terminal: Terminal, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"broken{suffix}"
    text = json.dumps(broken())
    path.write_text(text)
    path.chmod(0o640)
    assert terminal.type("playbook", "lint", str(path)).exit_code == 1
    output = terminal.good("playbook", "lint", "--fix", str(path))
    assert f"{path}#/workflow/" in output
    assert "fixed: " in output
    assert f"{path}: 2 fixed, the original is {path}.orig" in output
    assert f"{path}: 0 errors, 0 warnings" in output
    assert (tmp_path / f"broken{suffix}.orig").read_text() == text
    assert path.stat().st_mode & 0o777 == 0o640
    assert "fixed" not in terminal.good("playbook", "lint", "--fix", str(path)), "a repaired file needs nothing more"
    assert broken()["id"] in terminal.good("playbook", "add", str(path))


def test_lint_fix_never_writes_over_an_original_that_it_kept_before(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    for name in ("One", "Two"):
        path.write_text(json.dumps(broken(name)))
        terminal.good("playbook", "lint", "--fix", str(path))
    assert json.loads((tmp_path / "broken.json.orig").read_text())["name"] == "One"
    assert json.loads((tmp_path / "broken.json.orig1").read_text())["name"] == "Two"


def test_lint_tells_two_playbooks_of_one_id_and_modified_and_fix_gives_the_second_its_own(
    terminal: Terminal, tmp_path: Path
) -> None:
    folder = tmp_path / "playbooks"
    folder.mkdir()
    first, second = folder / "a.json", folder / "b.json"
    first.write_text(json.dumps(LOOK))
    second.write_text(json.dumps(LOOK | {"name": "Look elsewhere"}))
    output = terminal.type("playbook", "lint", str(folder))
    assert output.exit_code == 1
    assert f"{second}#/modified: error version_taken: {first} has the same id and modified" in output.output
    terminal.good("playbook", "lint", "--fix", str(folder))
    assert json.loads(first.read_text()) == LOOK
    assert json.loads(second.read_text())["derived_from"] == [LOOK["id"]]
    assert terminal.good("playbook", "add", str(folder)).count("playbook--") == 2


def test_lint_fix_leaves_a_signed_playbook_alone_and_says_so(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "signed.json"
    path.write_text(text := json.dumps(broken() | {"signatures": [{"type": "jss"}]}))
    result = terminal.type("playbook", "lint", "--fix", str(path))
    assert result.exit_code == 1
    assert f"{path}: not changed: a change would invalidate its signatures" in result.output
    assert path.read_text() == text
    assert list(tmp_path.glob("*.orig")) == []


def test_lint_fix_that_cannot_write_says_so_and_leaves_the_file(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text := json.dumps(broken()))

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", refuse)
    result = terminal.type("playbook", "lint", "--fix", str(path))
    assert result.exit_code == 2
    assert f"error: {path} cannot be changed: No space left on device" in result.stderr
    assert path.read_text() == text


@pytest.mark.parametrize("text", ["{", "", "[]", "a: b: c", "\x00", "&a [*a]"])
def test_a_file_that_is_no_playbook_is_a_fault_and_no_traceback(terminal: Terminal, tmp_path: Path, text: str) -> None:
    for name in ("x.json", "x.yaml"):
        (tmp_path / name).write_text(text)
        for event_type in ("lint", "add"):
            result = terminal.type("playbook", event_type, str(tmp_path / name))
            assert result.exit_code == 1, result.output
            assert isinstance(result.exception, SystemExit), result.exception


def test_a_playbook_is_added_exported_and_added_again_as_the_same(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "look.json").write_text(json.dumps(LOOK))
    assert LOOK["id"] in terminal.good("playbook", "add", str(tmp_path / "look.json"))
    out = terminal.good("playbook", "export", LOOK["id"], "--verbatim")
    assert json.loads(out) == LOOK
    assert terminal.type("playbook", "export", "playbook--none").exit_code == 2


def test_verify_prints_the_head_and_proves_a_head_that_was_printed_before(written: Terminal) -> None:
    head = HEAD.search(written.good("journal", "verify"))
    assert head is not None
    written.good("token", "create", "--name", "later", "--role", "reader")
    assert "intact" in written.good("journal", "verify", "--head", head[1])
    count, _, digest = head[1].partition(":")
    changed = written.type("journal", "verify", "--head", f"{count}:{digest[::-1]}")
    assert changed.exit_code == 1
    assert written.type("journal", "verify", "--head", f"999:{digest}").exit_code == 1


def test_verify_resumes_from_a_signed_checkpoint_and_from_no_other(written: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.json"
    first = written.good("journal", "verify", "--checkpoint", str(file))
    assert "verifying the whole journal" in first
    head = HEAD.search(first)
    assert head is not None
    count = int(head[1].partition(":")[0])
    written.good("token", "create", "--name", "later", "--role", "reader")
    second = written.good("journal", "verify", "--checkpoint", str(file))
    assert f"Resuming from entry {count}, verified " in second
    assert f"{count + 1} in total" in second
    third = written.good("journal", "verify", "--checkpoint", str(file))
    assert "intact: 0 entries after the checkpoint" in third
    document = json.loads(file.read_text())
    for broken in ("{", json.dumps(document | {"certificate": document["certificate"] | {"head": f"1:{'0' * 64}"}})):
        file.write_text(broken)
        result = written.type("journal", "verify", "--checkpoint", str(file))
        assert (result.exit_code, "cannot resume from" in result.output) == (2, True)
    assert written.type("journal", "verify", "--checkpoint", str(tmp_path / "no" / "folder.json")).exit_code == 2


def test_no_other_document_of_the_same_key_is_taken_for_a_checkpoint(written: Terminal, tmp_path: Path) -> None:
    from incident.certifying import CertificateKey

    key = CertificateKey.load(written.home / "certificate.key")
    file = tmp_path / "checkpoint.json"
    file.write_text(json.dumps(key.sign({"type": "certificate", "head": f"1:{'0' * 64}", "verified_at": "now"})))
    result = written.type("journal", "verify", "--checkpoint", str(file))
    assert (result.exit_code, "no checkpoint of the journal" in result.output) == (2, True)


def test_verify_ends_with_one_and_names_the_entry_that_was_changed(written: Terminal) -> None:
    import sqlite3

    with sqlite3.connect(written.home / "incident.db") as database:
        database.execute("DROP TRIGGER journal_no_update")
        database.execute("UPDATE journal SET actor = 'person:1:Somebody Else' WHERE seq = 2")
    database.close()
    result = written.type("journal", "verify")
    assert result.exit_code == 1
    assert "entry 2 was changed" in result.output


def test_keys_are_rotated_and_what_was_sealed_opens_under_the_new_one(written: Terminal, sqlite_world: World) -> None:
    from incident.actions.directory.departments import secret_place
    from incident.store.directory.departments import Contact, department_by_code
    from tests.world import only

    net = department_by_code("net")
    assert net is not None
    hook = sqlite_world.contact(net, "hook", channel="webhook", address="https://h.test")
    written.good("secret", "set", "firewall", "--for", "https://wall.test", given="s3cret\n")
    assert "2 secrets were encrypted again" in written.good("keys", "rotate")
    sealed = only(Contact, id=hook.id).sealed_secret or ""
    assert sealed.startswith("2.")
    assert sqlite_world.ring.open(sealed, secret_place(hook.id)) == "whsec_" + "A" * 32
    assert sqlite_world.send(), "what was waiting is sent with the new seal"


def test_a_secret_comes_from_standard_input_and_an_empty_one_is_refused(terminal: Terminal) -> None:
    assert "Secret 'firewall' is set for https://wall.test." in terminal.good(
        "secret", "set", "firewall", "--for", "https://wall.test", given="s3cret\n"
    )
    assert terminal.type("secret", "set", "firewall", "--for", "https://wall.test", given="\n").exit_code == 2


def test_check_finds_nothing_wrong_in_an_ordinary_home(terminal: Terminal) -> None:
    assert terminal.good("check").startswith("No faults found.")


def test_check_names_each_wrong_setting_with_a_hint(terminal: Terminal) -> None:
    result = terminal.type("check", INCIDENT_ALLOW_PRIVATE_TARGETS="yes", INCIDENT_TIMEZONE="Mars/Olympus")
    assert result.exit_code == 1
    assert (result.output.count("hint: "), "Traceback" in result.output) == (2, False)


def test_check_asks_the_database_the_mail_server_and_the_key_ring(terminal: Terminal) -> None:
    port = receivers.closed_port()
    terminal.good("journal", "verify")
    (terminal.home / "keys.json").chmod(0o644)
    result = terminal.type(
        "check",
        INCIDENT_DATABASE_URL=f"postgresql+psycopg://u:hidden@127.0.0.1:{port}/x",
        INCIDENT_SMTP_URL=f"smtp://u:hidden@127.0.0.1:{port}",
    )
    assert result.exit_code == 1
    for name in ("INCIDENT_DATABASE_URL", "INCIDENT_SMTP_URL", "INCIDENT_HOME"):
        assert f"{name}: " in result.output
    assert result.output.count("hint: ") == 3
    assert "hidden" not in result.output
    (terminal.home / "keys.json").write_text("{}")
    assert "key ring" in terminal.type("check").output


def test_check_looks_at_the_ways_of_alarms(terminal: Terminal) -> None:
    ways = "mailto:duty@example.org,pigeon:loft 7,sms:+8613800000000,mailto:nobody,https://alarms.example.org/hidden"
    result = terminal.type("check", INCIDENT_ALARM_TO=ways)
    assert result.exit_code == 1
    assert result.output.count("INCIDENT_ALARM_TO: ") == 4
    assert "hidden" not in result.output
    assert "INCIDENT_PING_URL" in terminal.good("check")


def test_alarms_can_be_tried(terminal: Terminal) -> None:
    assert terminal.type("alarm", "test").exit_code == 1
    with receivers.receiver() as good, receivers.receiver(status=500) as bad:
        ways = f"{bad.url}/hidden,{good.url}/hidden"
        result = terminal.type("alarm", "test", INCIDENT_ALARM_TO=ways)
    assert result.exit_code == 1
    assert result.output.splitlines()[-2:] == ["1. http: NOT accepted (500)", "2. http: accepted (200)"]
    assert good.requests[0].json["data"]["standing"][0]["code"] == "test"


def test_check_says_when_the_home_cannot_be_made(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = terminal.type("check", INCIDENT_HOME=str(tmp_path / "file" / "home"))
    assert result.exit_code == 1
    assert "INCIDENT_HOME" in result.output


def test_any_command_with_wrong_settings_ends_with_one_and_the_hint(terminal: Terminal) -> None:
    for words in (("journal", "verify"), ("work",), ("serve",), ("demo",)):
        result = terminal.type(*words, INCIDENT_PUBLIC_URL="nowhere")
        assert (result.exit_code, "hint: " in result.output) == (1, True)


@pytest.mark.slow
def test_the_demonstration_loads_once_prints_a_link_for_each_role_and_its_journal_is_whole(
    terminal: Terminal,
) -> None:
    assert "demonstration is loaded" in terminal.good("demo")
    lines = [line.split() for line in terminal.good("demo", "links").splitlines()]
    assert {role for role, _ in lines} >= {"administrator", "coordinator", "responder", "department", "reader"}
    assert all(url.startswith("http://127.0.0.1:8000/sign-in/link/") for _, url in lines)
    (terminal.home / "address").write_text("http://127.0.0.1:8437")
    assert " http://127.0.0.1:8437/sign-in/link/" in terminal.good("demo", "links"), "the port that serves"
    assert terminal.type("demo").exit_code == 2
    assert "intact" in terminal.good("journal", "verify")


@pytest.mark.parametrize(
    ("words", "environ"),
    [
        (("--host", "0.0.0.0"), {}),
        (("--host", "::"), {}),
        (("--host", "127.0.0.1"), {"INCIDENT_PUBLIC_URL": "https://incident.example.org"}),
    ],
)
def test_a_demonstration_that_others_would_reach_is_not_served_unless_that_is_wanted(
    terminal: Terminal, words: tuple[str, ...], environ: dict[str, str]
) -> None:
    terminal.good("demo")
    for more in ((), ("--demo",)):
        ended = terminal.type("serve", "--port", str(free_port()), *words, *more, **environ)
        assert ended.exit_code == 1
        assert "--demo-for-others" in ended.output
        assert "/sign-in/link/" not in ended.output


def test_the_demonstration_does_not_mix_with_what_is_there(written: Terminal) -> None:
    assert written.type("demo").exit_code == 2


def test_help_and_version_are_there_without_a_home(tmp_path: Path) -> None:
    nowhere = Terminal(tmp_path / "file" / "home")
    for words in (("--help",), ("--version",), ("serve", "-h"), ("token", "create", "-h")):
        assert nowhere.good(*words)
    assert not nowhere.home.exists()


@pytest.mark.slow
def test_exit_statuses_reach_the_shell(written: Terminal) -> None:
    def status(*words: str, **environ: str) -> int:
        command = [sys.executable, "-m", "incident.cli", *words]
        return subprocess.run(command, env=os.environ | written.environ | environ, capture_output=True).returncode

    assert status("journal", "verify") == 0
    assert status("check", INCIDENT_TIMEZONE="x") == 1
    assert status("token", "create", "--name", "x", "--role", "king") == 2


def test_gunicorn_alone_says_that_no_clock_runs(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    import runpy

    terminal.good("journal", "verify")
    monkeypatch.setenv("INCIDENT_HOME", str(terminal.home))
    app = runpy.run_path(str(shipped("migrations").parent / "wsgi.py"))["app"]
    client = app.test_client()
    token = terminal.good("token", "create", "--name", "prometheus", "--role", "monitor").splitlines()[-1]
    ready = client.get("/readyz", headers={"Authorization": f"Bearer {token}"})
    assert (ready.status_code, ready.json["clock"]["detail"]) == (503, "no clock runs")
    page = client.get("/sign-in", follow_redirects=True)
    assert page.status_code == 200
    assert "The scheduler is not running" in page.text

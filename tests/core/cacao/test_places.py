"""Values are inserted according to their place (P18): output, warnings, refusals."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
from typing import Any

import pytest

from incident.core.cacao import Profile, check
from incident.core.cacao.engine.effects import Noted, OpenTask, SendCommand
from incident.core.cacao.placing.shell import quoted, shell_places
from incident.core.cacao.vocabulary import UNFIT_PLACE, UNQUOTED_EXTENSION
from tests.core.cacao.build import MACHINE_AGENT, Json, action, document, http, of_kind, step_id, uid
from tests.core.cacao.story import Story

ALL = Profile(executors=frozenset({"http-api", "openc2-http", "ssh", "bash"}))
GATE = uid("ssh", "gate")
SECRET = uid("http-basic", "secret")
JSON = {"Content-Type": ["application/json; charset=utf-8"]}
FORM = {"Content-Type": ["application/x-www-form-urlencoded"]}
EXTENSION = {
    UNQUOTED_EXTENSION: {
        "type": "extension-definition",
        "name": "unquoted",
        "created_by": uid("identity", "a"),
        "schema": "docs/playbook-profile.md",
        "version": "1.2.0",
    }
}


def made(command: Json, value: Any = "x; id", kind: str = "string", **more: Any) -> Json:
    """Return a playbook whose one command has the variable `__x__`."""
    is_http = command["type"] in ("http-api", "openc2-http")
    extensions = more.pop("extension_definitions", {})
    step = action("e", command, agent=MACHINE_AGENT, **({} if is_http else {"targets": [GATE]}), **more)
    whole = document({"a": step, "e": None}, playbook_variables={"__x__": {"type": kind, "value": value}})
    whole["target_definitions"] = {GATE: {"type": "ssh", "name": "Gate", "address": {"ipv4": ["192.0.2.7"]}}}
    whole["extension_definitions"] = extensions
    return whole


def sent(command: Json, value: Any = "x; id", kind: str = "string", **more: Any) -> Json:
    [found] = of_kind(Story(made(command, value, kind, **more), profile=ALL).turn, SendCommand)
    return dict(found.body)


def codes(whole: Json) -> list[tuple[str, str]]:
    return [(one.severity, one.code) for one in check(whole) if one.code.startswith(("variable_", "extension_"))]


def ssh(text: str, kind: str = "ssh") -> Json:
    return {"type": kind, "command": text}


@pytest.mark.parametrize("kind", ["ssh", "bash"])
def test_a_bare_variable_in_a_shell_command_is_one_quoted_word_with_a_warning(kind: str) -> None:
    assert sent(ssh("block -- __x__:value", kind))["command"] == "block -- 'x; id'"
    assert codes(made(ssh("block -- __x__:value", kind))) == [("warning", "variable_in_shell")]


@pytest.mark.parametrize(
    "text",
    [
        'echo "__x__:value"',
        "echo '__x__:value'",
        "echo `id __x__:value`",
        "echo $(id __x__:value)",
        "cat <<END\n__x__:value\nEND",
        "cat <<-'END'\n\t__x__:value\n\tEND",
        "eval __x__:value",
        "eval 2>&1 __x__:value",
        "sudo bash -c __x__:value",
        "bash <<< __x__:value",
        "echo __x__:value | sh",
        "ssh other __x__:value",
        "__x__:value now",
        "PATH=/bin sudo -n __x__:value",
        "# by __x__:value\nls",
        "echo \\__x__:value",
        "echo >& __x__:value",
        "$()declare __x__:value",
        "sed 2>&1 __x__:value",
        "\\\n# __x__:value",
        "ev\\\nal __x__:value",
        "echo $__x__:value",
        "echo $'__x__:value'",
        'echo "$(echo "__x__:value")"',
        "echo $((__x__:value + 1))",
        "echo ${a:-__x__:value}",
        "a[__x__:value]=1",
        "declare __x__:value",
        "[[ __x__:value -eq 1 ]]",
        "sed -i __x__:value file",
        'echo "$(cat <<E\n)"\nE\n) __x__:value',
        'echo "$(case a in a) echo "b" __x__:value;; esac)"',
        "bash -ceu __x__:value",
        "sh -c -- __x__:value",
        "sh -c -x __x__:value",
        "bash -co pipefail __x__:value",
        "sh=/bin/sh; $sh -c __x__:value",
        "awk -F : /__x__:value/ /etc/passwd",
        "awk -v a=1 /__x__:value/ /etc/passwd",
        "sed -l 5 __x__:value",
        "psql -c __x__:value",
        "make host=__x__:value",
        "PS4=__x__:value bash -x /opt/a.sh",
        "LD_PRELOAD=__x__:value true",
        "python3 -m timeit __x__:value",
        "python3 -m timeit -s __x__:value pass",
        "python3 -mtimeit __x__:value",
        "sudo -n /usr/bin/python3.11 -X dev -Im 'timeit' __x__:value",
        "python3 -m pdb __x__:value",
        "python3 -m pdb -c __x__:value /opt/a.py",
        "python3 -m trace --count __x__:value",
        "python3 -m cProfile __x__:value",
        "python -W ignore -m profile __x__:value",
        "python3 -m unittest.main __x__:value",
        "python3 -m __x__:value",
        "python3 -mjson.__x__:value",
        "module=timeit; python3 -m $module __x__:value",
    ],
)
def test_where_quoting_cannot_be_made_right_the_check_has_an_error_and_people_get_the_command(text: str) -> None:
    whole = made(ssh(text))
    assert ("error", "variable_in_shell") in codes(whole)
    assert [place.inside != "" for place in shell_places(text)] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "echo __x__:value |\nsh",
        "echo __x__:value | # to the shell\nsh",
        "echo __x__:value | (sh)",
        "(echo __x__:value) | bash -e",
        "{ echo __x__:value; } | sh",
        "echo __x__:value | { cat; } | sh",
        "if true; then echo __x__:value; fi | sh",
        "for a in __x__:value; do echo $a; done | sh",
        "echo __x__:value | while true; do sh; break; done",
        'echo __x__:value | while read -r a; do eval "$a"; done',
        "echo __x__:value | python3",
        "echo __x__:value | $shell",
        "echo __x__:value | . /dev/stdin",
        "echo __x__:value | ssh -p 22 other",
        "exec 3<<< __x__:value; sh <&3",
        "python3 <<< __x__:value",
        'a=__x__:value; eval "$a"',
        'a=__x__:value; sh -c "$a"',
        "a=__x__:value; sh <<E\n$a\nE",
        'set -- __x__:value; ssh other "$1"',
        'x=__x__:value; python3 -m timeit "$x"',
        'x=__x__:value; python3 -m pdb -c "$x" /opt/a.py',
        'x=__x__:value; python3 -m cProfile "$x"',
        'for x in __x__:value; do sudo python3 -m trace --count "$x"; done',
        'x=__x__:value; python3 -m "$x"',
        "echo __x__:value | python3 -m pdb /opt/a.py",
        "echo __x__:value | python3 -m code",
        "echo __x__:value | xargs python3 -m timeit",
        "a=__x__:value; python3 -m code <<E\n$a\nE",
        "export a=__x__:value; sh -c 'eval \"$a\"'",
        "bash -c 'eval \"$1\"' _ __x__:value",
        "run() { eval $1; }; run __x__:value",
        "run() { sh; }; echo __x__:value | run",
        "a=__x__:value; echo $((a))",
        "a=__x__:value; [[ $a -eq 1 ]]",
        "declare -i a; a=__x__:value",
    ],
)
def test_a_value_that_gets_to_a_shell_by_a_detour_is_an_error(text: str) -> None:
    """In a pipe, a variable or a function a quoted value would still be executed."""
    assert ("error", "variable_in_shell") in codes(made(ssh(text)))


@pytest.mark.parametrize(
    "text",
    [
        "iptables -A INPUT -s __x__:value -j DROP || exit 3",
        "a='b' x=\"$HOME\" fw --ip=__x__:value # don't",
        'for host in __x__:value; do echo "$host"; done',
        "if [ __x__:value = y ]; then rm -f -- __x__:value; fi",
        "cat <<E\nit's\nE\necho __x__:value",
        "iptables -A INPUT \\\n  -s __x__:value 2>&1 >> log",
        "export TARGET=__x__:value; block",
        "bash /opt/block.sh __x__:value",
        "bash -c 'echo \"$1\"' _ __x__:value",
        "sed -i s/a/b/ __x__:value",
        "echo __x__:value | tee >(cat) | grep -F -- __x__:value",
        "sudo -n bash -e /opt/block.sh __x__:value",
        "python3 /opt/block.py __x__:value",
        "python3 - __x__:value <<'E'\nimport sys\nE",
        "python3 -m json.tool -- __x__:value",
        "python3 -X dev -m http.server --bind __x__:value",
        "python3 /opt/block.py -m timeit __x__:value",
        "python3 -m timeit pass </dev/null; block __x__:value",
        "psql -v host=__x__:value < /opt/block.sql",
        "i=0; while [ $i -lt 3 ]; do curl -- __x__:value && break; i=$((i+1)); done",
        "awk -F : -v a=1 '$1 == a' __x__:value",
        "systemctl restart ssh; apt-get install -y python3 -- __x__:value",
        'trap \'rm -f "$copy"\' EXIT; cp -- __x__:value "$copy"',
        "PATH=/sbin:$PATH $SUDO iptables -A INPUT -s __x__:value -j DROP",
        "block __x__:value & wait $!",
    ],
)
def test_common_commands_are_quoted(text: str) -> None:
    assert {place.inside for place in shell_places(text)} == {""}


PIECES = [
    *(
        "echo ",
        "'",
        '"',
        "`",
        "$(",
        ")",
        "${y:-",
        "}",
        "\n",
        " ",
        "; ",
        "| ",
        "& ",
        "(",
        "{ ",
        "\\",
        "$",
        "#",
        "a",
        "=",
        "x=",
    ),
    *(
        "eval ",
        "<<E\n",
        "\nE\n",
        "<<<",
        "<(cat ",
        "[[ ",
        " ]]",
        "[",
        "]",
        " -eq 1",
        "case a in a) ",
        ";; esac",
        "if true; then ",
        "; fi",
        "2>&1 ",
    ),
    *("|\n", "| sh", "x=", 'eval "$x"', 'sh -c "$x"', " -ceu ", "{ sh; }", "((x))", "f() ", "f "),
    *("__x__:value",) * 8,
]


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_no_value_is_ever_run_where_the_check_says_that_it_can_be_quoted(shell: str, tmp_path: Any) -> None:
    """Random commands with hostile values in a real shell: an executed value would create a file."""
    if (program := shutil.which(shell)) is None:
        pytest.skip(f"no {shell} found")
    chance, mark, tried = random.Random(18), tmp_path / "mark", 0
    lines = []
    while tried < 300:
        text = "".join(chance.choices(PIECES, k=chance.randint(2, 12)))
        places = shell_places(text)
        if not places or any(place.inside for place in places):
            continue
        tried += 1
        for value in (
            f"; >{mark};",
            f"$(>{mark})",
            f"'`>{mark}`",
            f'"\n>{mark}\n',
            f"\\'; >{mark} #",
            f"a[$(>{mark})]",
        ):
            lines.append(text.replace("__x__:value", quoted(value)))
    (tmp_path / "bin").mkdir()
    driver = "\n".join(f"( eval {quoted(line)} ) </dev/null >/dev/null 2>&1" for line in lines) + f"\n>{tmp_path}/end\n"
    subprocess.run([program], input=driver.encode(), cwd=tmp_path / "bin", env={"PATH": "/usr/bin:/bin"}, timeout=120)
    assert (tmp_path / "end").exists()
    if mark.exists():
        for line in lines:
            mark.unlink(missing_ok=True)
            subprocess.run(
                [program, "-c", line], cwd=tmp_path / "bin", stdin=subprocess.DEVNULL, capture_output=True, timeout=5
            )
            assert not mark.exists(), line


@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_a_quoted_value_arrives_as_it_is(shell: str) -> None:
    if (program := shutil.which(shell)) is None:
        pytest.skip(f"no {shell} found")
    for value in ("", "it's", "a\\b", "'\\''", "$(id)`id`", "line\nline", '"', "*", "~", "名", "!x", "-n"):
        ran = subprocess.run([program, "-c", f"printf %s {quoted(value)}"], capture_output=True, check=True)
        assert ran.stdout.decode() == value


def test_people_get_a_command_that_cannot_be_made_safe_with_the_value_to_read_in_a_comment() -> None:
    whole = made(ssh('block "__x__:value"'), "x\nid")
    opened = opened_unchecked(whole)
    assert (opened.why, opened.kind) == (UNFIT_PLACE, "ssh")
    assert opened.shown_command == 'block "__x__:value"\n# __x__:value: "x\\nid"'


def opened_unchecked(whole: Json) -> OpenTask:
    """Return the task of a playbook that was added before the check knew of its fault."""
    from incident.core.cacao import PlaybookBundle, parse, start
    from tests.core.cacao.build import NOW

    [found] = of_kind(start(PlaybookBundle(parse(whole, is_checked=True)), {}, NOW, ALL), OpenTask)
    return found


def test_a_value_in_a_path_or_query_is_percent_encoded_as_one_segment() -> None:
    assert sent(http("PUT /a/__x__:value/b?q=__x__:value HTTP/1.1"), "../c?d=1&e#f%/名")["command"] == (
        "PUT /a/..%2Fc%3Fd%3D1%26e%23f%25%2F%E5%90%8D/b?q=..%2Fc%3Fd%3D1%26e%23f%25%2F%E5%90%8D HTTP/1.1"
    )


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_segment_that_would_mean_another_path_is_not_sent(value: str) -> None:
    story = Story(made(http("DELETE /users/__x__:value HTTP/1.1"), value), profile=ALL)
    assert of_kind(story.turn, SendCommand) == []
    assert (story.turn.run.state, story.turn.run.reason) == ("failed", "variable_unfit")
    assert Noted("variable_unfit", {"step": story.key("a"), "names": ["__x__"]}) in story.turn.effects


def test_a_header_cannot_get_a_line_break() -> None:
    story = Story(made(http(headers={"X-A": ["__x__:value"]}), "a\r\nX-B: c"), profile=ALL)
    assert (of_kind(story.turn, SendCommand), story.turn.run.reason) == ([], "variable_unfit")


def test_a_value_in_a_form_is_form_encoded() -> None:
    body = http(headers=FORM, content="a=__x__:value&b=1")
    assert sent(body, "1&b=2 +%")["content"] == "a=1%26b%3D2+%2B%25&b=1"
    assert codes(made(body)) == []


HOSTILE = '","admin":true,"x":"\\'


@pytest.mark.parametrize(
    "body",
    [
        http(headers=JSON, content='{"a": "by __x__:value"}'),
        http(content='{"a": "by __x__:value"}'),
        http(headers={"content-type": ["application/openc2+json"]}, content='{"a": "by __x__:value"}'),
    ],
)
def test_a_value_inside_a_json_string_is_escaped(body: Json) -> None:
    assert json.loads(sent(body, HOSTILE)["content"]) == {"a": f"by {HOSTILE}"}
    assert codes(made(body)) == []


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("string", HOSTILE, HOSTILE),
        ("string", "12", "12"),
        ("integer", "+007", 7),
        ("float", "1.50", 1.5),
        ("bool", "True", True),
        ("dictionary", {"b": [1]}, {"b": [1]}),
        ("dictionary", '{"b": 2}', {"b": 2}),
        ("integer", "", ""),
        ("ipv4-addr", "192.0.2.7", "192.0.2.7"),
    ],
)
def test_a_whole_member_of_json_is_encoded_by_its_type(kind: str, value: Any, expected: Any) -> None:
    body = http(headers=JSON, content='{"a": __x__:value, "b": 1}')
    assert json.loads(sent(body, value, kind)["content"]) == {"a": expected, "b": 1}


def test_openc2_in_base64_is_json() -> None:
    import base64

    body = {"type": "openc2-http", "command": "POST / HTTP/1.1"}
    body["content_b64"] = base64.b64encode(b'{"target": "__x__:value"}').decode()
    assert json.loads(base64.b64decode(sent(body, HOSTILE)["content_b64"])) == {"target": HOSTILE}


def test_a_backslash_before_a_variable_in_json_is_an_error() -> None:
    assert codes(made(http(headers=JSON, content='{"a": "\\__x__:value"}'))) == [("error", "variable_escaped")]


@pytest.mark.parametrize("headers", [{}, {"Content-Type": ["text/xml"]}, {"Content-Type": ["__x__:value"]}])
def test_in_any_other_content_type_the_check_warns(headers: Json) -> None:
    body = http(headers=headers, content="<a>__x__:value</a>")
    assert codes(made(body)) == [("warning", "variable_in_content")]
    assert sent(body, "1")["content"] == "<a>1</a>"


@pytest.mark.parametrize(
    "address",
    [
        {"url": ["https://__x__:value/api"]},
        {"url": ["__x__:value://fw.example"]},
        {"url": ["__x__:value"]},
        {"url": ["https://fw.example:__x__:value/"]},
        {"dname": ["__x__:value.example"]},
        {"ipv4": ["__x__:value"]},
    ],
)
def test_no_value_decides_the_scheme_or_host_of_a_step_that_signs_in(address: Json) -> None:
    whole = made(http(), "evil.example")
    agent = whole["agent_definitions"][MACHINE_AGENT]
    agent["address"] = address
    assert codes(whole) == []
    agent["authentication_info"] = SECRET
    whole["authentication_info_definitions"] = {
        SECRET: {"type": "http-basic", "kms": True, "kms_key_identifier": "firewall"}
    }
    assert codes(whole) == [("error", "variable_in_host")]
    assert opened_unchecked(whole).why == UNFIT_PLACE


def test_a_path_of_an_address_is_encoded_and_a_part_of_a_host_stays_a_part() -> None:
    for value, address, expected in (
        ("a/../b", "https://fw.example/__x__:value", "https://fw.example/a%2F..%2Fb"),
        ("fw", "https://__x__:value.example/", "https://fw.example/"),
        ("evil.example/?", "https://__x__:value.example/", None),
        ("me@evil.example", "https://__x__:value", None),
    ):
        whole = made(http(), value)
        whole["agent_definitions"][MACHINE_AGENT]["address"] = {"url": [address]}
        found = of_kind(Story(whole, profile=ALL).turn, SendCommand)
        agents = [one.agent["address"]["url"][0] for one in found if one.agent is not None]
        assert agents == ([expected] if expected else [])


def test_the_declared_extension_keeps_the_standards_plain_way_and_is_seen() -> None:
    unquoted = {UNQUOTED_EXTENSION: {"variables": ["__x__"]}}
    more: Json = {"step_extensions": unquoted, "extension_definitions": EXTENSION}
    assert sent(ssh('echo "__x__:value"'), "a b", **more)["command"] == 'echo "a b"'
    assert sent(http("GET /a/__x__:value HTTP/1.1"), "b/c", **more)["command"] == "GET /a/b/c HTTP/1.1"
    assert codes(made(ssh('echo "__x__:value"'), **more)) == [("warning", "variable_unquoted")]


def test_the_extension_is_refused_where_the_playbook_does_not_declare_it_or_names_nothing() -> None:
    whole = made(ssh("echo __x__:value"), step_extensions={UNQUOTED_EXTENSION: {"variables": ["__x__"]}})
    assert ("error", "extension_undefined") in codes(whole)
    assert ("warning", "variable_in_shell") in codes(whole)
    step = whole["workflow"][step_id(whole, "a")]
    wrongs: list[Json] = [{}, {"variables": []}, {"variables": "__x__"}]
    for wrong in wrongs:
        step["step_extensions"] = {UNQUOTED_EXTENSION: wrong}
        assert any(one.is_error and "step_extensions" in one.pointer for one in check(whole))


def test_every_place_keeps_the_values_of_the_manual_commands_as_they_are() -> None:
    for text, value in itertools.product(("do __x__:value", '"__x__:value"'), ("x; id", "it's")):
        whole = document(
            {"a": action("e", {"type": "manual", "command": text}), "e": None},
            playbook_variables={"__x__": {"type": "string", "value": value}},
        )
        assert of_kind(Story(whole).turn, OpenTask)[0].instructions == text.replace("__x__:value", value)

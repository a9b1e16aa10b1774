"""Playbooks that Hypothesis makes up: every step type, nested in one another, with all that a step may say."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from incident.core.cacao.vocabulary import BRANCHING_STEPS, RETRY_EXTENSION
from tests.core.cacao.build import MACHINE_AGENT, PEOPLE_AGENT, http, manual, uid

Json = dict[str, Any]
NAMES = ("__a__", "__b__", "__c__")


class Maker:
    """Draws a playbook piece by piece; `pool` are the variables that the piece may read and write."""

    def __init__(self, draw: Any, name: str, called: tuple[str, ...] = (), has_parallel: bool = True) -> None:
        self._draw = draw
        self._name = name
        self._called = called
        self._parallel_kinds = ["parallel"] * has_parallel
        self._count = 0
        self.workflow: dict[str, Json] = {}

    def identifier(self, kind: str) -> str:
        self._count += 1
        return uid(kind, f"{self._name}/{self._count}")

    def line(self, depth: int, pool: tuple[str, ...], length: int) -> str:
        """Draw a line of steps that ends in its own end step, and return its first step."""
        end = self.identifier("end")
        self.workflow[end] = {"type": "end", "name": "End"}
        following = end
        for _ in range(length):
            following = self.step(depth, pool, following)
            self._leave_open(following, end)
        return following

    def _leave_open(self, key: str, end: str) -> None:
        """Let a branching step that comes last lead nowhere: the schema allows it, and other tools write it (P15)."""
        step = self.workflow[key]
        if step["type"] in BRANCHING_STEPS and step.get("on_completion") == end and self._draw(st.booleans()):
            del step["on_completion"], self.workflow[end]

    def step(self, depth: int, pool: tuple[str, ...], following: str) -> str:
        kinds = ["action", "action", "action"]
        if depth > 0:
            kinds += [*self._parallel_kinds, "if-condition", "while-condition", "switch-condition"]
            kinds += ["playbook-action"] * bool(self._called)
        kind = self._draw(st.sampled_from(kinds))
        made: Json = {"type": kind, **self._temporal(), **self._own_variables()}
        made.update(getattr(self, "_" + kind.replace("-", "_"))(depth, pool))
        made.update(self._ways(pool, following))
        key = self.identifier(kind)
        self.workflow[key] = made
        return key

    def _short(self, depth: int, pool: tuple[str, ...]) -> str:
        return self.line(depth - 1, pool, self._draw(st.integers(0, 2)))

    def _temporal(self) -> Json:
        made: Json = {}
        if self._draw(st.integers(0, 4)) == 0:
            made["delay"] = self._draw(st.integers(0, 90_000))
        if self._draw(st.integers(0, 3)) == 0:
            made["timeout"] = self._draw(st.integers(1, 600_000))
        return made

    def _own_variables(self) -> Json:
        if self._draw(st.integers(0, 5)):
            return {}
        return {"step_variables": {"__own__": {"type": "string", "value": "mine"}}}

    def _ways(self, pool: tuple[str, ...], following: str) -> Json:
        """Lead on plainly, or with a way for failures that joins the line or goes to the same place by another step."""
        way = self._draw(st.sampled_from(["plain", "plain", "joined", "recovered"]))
        if way == "plain":
            return {"on_completion": following}
        if way == "joined":
            return {"on_success": following, "on_failure": following}
        recovery = self.identifier("action")
        self.workflow[recovery] = {"type": "action", "on_completion": following, **self._action(0, pool)}
        return {"on_success": following, "on_failure": recovery}

    def _action(self, depth: int, pool: tuple[str, ...]) -> Json:
        is_machine = self._draw(st.booleans())
        text = self._draw(st.sampled_from(["look", f"look at {pool[0]}:value"]))
        command = http(f"GET /{len(self.workflow)} HTTP/1.1") if is_machine else manual(text)
        made: Json = {
            "commands": [command] * self._draw(st.integers(1, 2)),
            "agent": MACHINE_AGENT if is_machine else PEOPLE_AGENT,
        }
        if self._draw(st.booleans()):
            made["out_args"] = [self._draw(st.sampled_from(pool))]
        if self._draw(st.integers(0, 5)) == 0:
            made["step_extensions"] = {RETRY_EXTENSION: {"retry_limit": 1, "retry_delay": 1000}}
        return made

    def _parallel(self, depth: int, pool: tuple[str, ...]) -> Json:
        return {"next_steps": [self._short(depth, pool) for _ in range(self._draw(st.integers(2, 3)))]}

    def _condition(self, pool: tuple[str, ...]) -> str:
        name = self._draw(st.sampled_from(pool))
        form = self._draw(st.sampled_from(["{} > 1", "[{} = 2]", "NOT {} < 1", "{} IN (0, 2) OR {} >= 3"]))
        return str(form.replace("{}", f"{name}:value"))

    def _if_condition(self, depth: int, pool: tuple[str, ...]) -> Json:
        made: Json = {"condition": self._condition(pool), "on_true": self._short(depth, pool)}
        if self._draw(st.booleans()):
            made["on_false"] = self._short(depth, pool)
        return made

    def _while_condition(self, depth: int, pool: tuple[str, ...]) -> Json:
        return {"condition": self._condition(pool), "on_true": self._short(depth, pool)}

    def _switch_condition(self, depth: int, pool: tuple[str, ...]) -> Json:
        labels = ["0", "1", "2", "default"][: self._draw(st.integers(1, 4))]
        switch = f"{self._draw(st.sampled_from(pool))}:value"
        return {"switch": switch, "cases": {label: self._short(depth, pool) for label in labels}}

    def _playbook_action(self, depth: int, pool: tuple[str, ...]) -> Json:
        made: Json = {"playbook_id": self._draw(st.sampled_from(self._called))}
        if self._draw(st.booleans()):
            made["in_args"] = [pool[0]]
        if self._draw(st.booleans()):
            made["out_args"] = [pool[0]]
        return made


def _finished(maker: Maker, name: str, head: str, pool: tuple[str, ...], is_handled: bool) -> Json:
    start = maker.identifier("start")
    maker.workflow[start] = {"type": "start", "on_completion": head}
    made: Json = {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": uid("playbook", name),
        "name": name,
        "created_by": uid("identity", "author"),
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-02T00:00:00.000Z",
        "playbook_variables": {key: {"type": "integer", "value": "0"} for key in pool},
        "workflow_start": start,
        "workflow": maker.workflow,
        "agent_definitions": {
            PEOPLE_AGENT: {"type": "group", "name": "Response"},
            MACHINE_AGENT: {"type": "http-api", "name": "Firewall", "address": {"url": ["https://fw.example"]}},
        },
        "extension_definitions": {
            RETRY_EXTENSION: {
                "type": "extension-definition",
                "name": "Retry",
                "created_by": uid("identity", "author"),
                "schema": "docs/playbook-profile.md",
                "version": "1.0.0",
            }
        },
        "playbook_extensions": {uid("extension-definition", "foreign"): {"kept": [1, {"as": "it is"}]}},
    }
    if is_handled:
        made["workflow_exception"] = maker.line(0, pool, 1)
    return made


@st.composite
def playbooks(draw: Any, name: str = "Main", called: tuple[str, ...] = (), depth: int = 3) -> Json:
    """Draw one playbook; `called` are the ids that its playbook-action steps may name."""
    maker = Maker(draw, name, called)
    head = maker.line(depth, NAMES, draw(st.integers(1, 3)))
    return _finished(maker, name, head, NAMES, draw(st.booleans()))


@st.composite
def families(draw: Any) -> tuple[Json, Json]:
    """Draw a playbook and one that it may call."""
    inner = draw(playbooks(name="Called", depth=1))
    return draw(playbooks(called=(inner["id"],))), inner


@st.composite
def split_playbooks(draw: Any) -> Json:
    """Draw a playbook whose branches share no variable."""
    maker = Maker(draw, "Split", has_parallel=False)
    pools = [(f"__a{index}__", f"__b{index}__") for index in range(draw(st.integers(2, 3)))]
    end = maker.identifier("end")
    maker.workflow[end] = {"type": "end"}
    branches = [maker.line(2, pool, draw(st.integers(1, 2))) for pool in pools]
    key = maker.identifier("parallel")
    maker.workflow[key] = {"type": "parallel", "next_steps": branches, "on_success": end, "on_failure": end}
    return _finished(maker, "Split", key, tuple(name for pool in pools for name in pool), False)

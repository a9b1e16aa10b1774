"""kill -9 in each state of a parallel run: the run ends as without it."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.core.cacao.build import MACHINE_AGENT, action, choice, document, http, manual, step_id
from tests.receivers import Handler, Receiver, receiver
from tests.stories.served import Served, wait_until

pytestmark = pytest.mark.slow
LEASE_LIMIT = 60.0
"""Limit (s) until a command of a dead process is taken over, with a margin for a busy machine."""


def parallel(url: str) -> dict[str, Any]:
    """Four branches at once: people, a timer, a request that may be repeated, and one that may not."""
    made = document(
        {
            "both": {
                "type": "parallel",
                "next_steps": ["ask", "wait", "look", "block"],
                "on_completion": "tell",
            },
            "ask": action("asked", manual("Which host?"), name="Ask", out_args=["__host__"]),
            "asked": None,
            "wait": choice("__n__:value = 0", "yes", delay=3_000, on_completion="waited"),
            "yes": None,
            "waited": None,
            "look": action("looked", http("GET /look HTTP/1.1"), agent=MACHINE_AGENT, out_args=["__seen__"]),
            "looked": None,
            "block": action("blocked", http("POST /block HTTP/1.1"), agent=MACHINE_AGENT, name="Block"),
            "blocked": None,
            "tell": action("end", manual("Tell the owner"), name="Tell"),
            "end": None,
        },
        name="Parallel",
        playbook_variables={
            "__n__": {"type": "integer", "value": "0"},
            "__host__": {"type": "string", "value": ""},
            "__seen__": {"type": "string", "value": ""},
        },
    )
    made["agent_definitions"][MACHINE_AGENT]["address"] = {"url": [url]}
    return made


class Story:
    """One home that is killed and served again, and a run in it."""

    def __init__(self, served: Served, token: str, made: dict[str, Any]) -> None:
        self.served, self.token, self.made = served, token, made
        self.run = 0

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.served.call(method, path, self.token, body)
        assert answer.status_code < 300, (path, answer.status_code, answer.text)
        return answer.json()

    def begin(self) -> None:
        number = self.ask("POST", "/incidents", {"title": "A worm", "departments": ["net"]})["number"]
        self.run = self.ask("POST", f"/incidents/{number}/runs", {"playbook": self.made["id"]})["id"]

    def states(self) -> dict[str, tuple[str, int]]:
        """Each step's state and visit."""
        return {one["key"]: (one["state"], one["visit"]) for one in self.seen()["steps"]}

    def seen(self) -> Any:
        return self.ask("GET", f"/runs/{self.run}")

    def state(self, name: str) -> str:
        return self.states().get(step_id(self.made, name), ("", 0))[0]

    def tasks(self) -> dict[str, Any]:
        """The open tasks of the run by their titles."""
        return {one["title"]: one for one in self.ask("GET", "/tasks")["items"] if one["run"] == self.run}

    def complete(self, title: str, **variables: str) -> None:
        wait_until(lambda: title in self.tasks(), 20, f"the task {title}")
        given = {f"__{name}__": value for name, value in variables.items()}
        self.ask("POST", f"/tasks/{self.tasks()[title]['id']}/complete", {"result": "succeeded", "variables": given})

    def kill(self) -> None:
        self.served.kill()
        self.served.start()


def test_a_run_that_is_killed_in_every_state_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    is_answering = threading.Event()

    def hang_at_first(handler: Handler) -> None:
        if is_answering.is_set():
            handler.respond()
        else:
            handler.receiver.ended.wait(LEASE_LIMIT)

    served = Served(tmp_path / "home")
    token = served.token()
    with receiver(body=b'{"seen": "yes"}', behave=hang_at_first) as machine, served.serving():
        story = Story(served, token, parallel(machine.url))
        story.ask("POST", "/departments", {"code": "net", "name": "Network"})
        story.ask("POST", "/playbooks", story.made)
        story.begin()
        wait_until(lambda: len(machine.requests) == 2, 20, "both requests are out")
        assert set(story.tasks()) == {"Ask"}
        story.kill()  # a task open, a timer pending, two requests out

        is_answering.set()
        wait_until(lambda: story.state("wait") == "succeeded", 20, "the timer has passed")
        story.kill()  # one branch is finished, two requests are of unknown result

        wait_until(lambda: story.state("look") == "succeeded", LEASE_LIMIT, "what may be repeated is sent again")
        wait_until(lambda: "Block" in story.tasks(), LEASE_LIMIT, "people are asked about what may not")
        assert story.tasks()["Block"]["why"]["code"] == "command.unsure"
        story.kill()  # people are asked to find out

        story.complete("Block")
        story.kill()  # three branches at their end

        story.complete("Ask", host="web-1")
        story.kill()  # the branches have joined, the next step is open

        story.complete("Tell")
        ended = story.seen()
        assert ended["state"] == "succeeded"
        assert (counted(machine, "GET"), counted(machine, "POST")) == (2, 1)
        assert story.ask("GET", f"/runs/{story.run}/replay")["differences"] == []
        killed, killed_states = ended["variables"], story.states()

        story.begin()
        story.complete("Ask", host="web-1")
        story.complete("Tell")
        assert story.seen()["state"] == "succeeded"
        assert (story.seen()["variables"], story.states()) == (killed, killed_states)
    for command in (("journal", "verify"), ("run", "replay", "1"), ("run", "replay", "2")):
        done = served.run(*command)
        assert done.returncode == 0, done.stdout + done.stderr


def counted(machine: Receiver, method: str) -> int:
    return [one.method for one in machine.requests].count(method)

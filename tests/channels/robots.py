"""Chat robots for tests: an address of the usual form, and the documented responses of each vendor."""

from collections.abc import Callable
from dataclasses import dataclass

from incident.channels import dingtalk, feishu, slack, teams, wecom
from incident.channels.robot import Robot
from incident.outgoing import Outgoing

KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"
SECRET = "SEC4a2b8c7d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3"


@dataclass(frozen=True)
class Case:
    """One response: its status and body, and its meaning."""

    status: int
    body: str
    verdict: str


@dataclass(frozen=True)
class Kind:
    """One chat."""

    name: str
    robot: Callable[[Outgoing], Robot]
    path: str
    good: Case
    cases: tuple[Case, ...]


def _errcode(code: int, text: str) -> str:
    return f'{{"errcode":{code},"errmsg":"{text}"}}'


def _feishu(code: int, text: str) -> str:
    return f'{{"code":{code},"data":{{}},"msg":"{text}"}}'


def _azure(code: str, text: str) -> str:
    return f'{{"error":{{"code":"{code}","message":"{text}"}}}}'


KINDS = (
    Kind(
        "wecom",
        wecom.WeCom,
        f"/cgi-bin/webhook/send?key={KEY}",
        Case(200, _errcode(0, "ok"), "accepted"),
        (
            Case(200, _errcode(45009, "api freq out of limit"), "busy"),
            Case(200, _errcode(45033, "api concurrent out of limit"), "busy"),
            Case(200, _errcode(93000, "invalid webhook url, hint: [1755605200056773468916791]"), "refused"),
            Case(200, _errcode(93008, "robot not in chat"), "gone"),
            Case(200, _errcode(40058, "markdown.content exceed max length 4096"), "refused"),
            Case(200, _errcode(-1, "system busy"), "unknown"),
            Case(200, _errcode(99999, "something new"), "unknown"),
        ),
    ),
    Kind(
        "dingtalk",
        dingtalk.DingTalk,
        f"/robot/send?access_token={KEY}",
        Case(200, _errcode(0, "ok"), "accepted"),
        (
            Case(200, _errcode(130101, "send too fast, exceed 20 times per minute"), "busy"),
            Case(200, _errcode(410100, "send too fast"), "busy"),
            Case(200, _errcode(310000, "sign not match, more: [https://ding-doc.dingtalk.com/]"), "refused"),
            Case(200, _errcode(400102, "robot is stopped"), "refused"),
            Case(200, _errcode(400106, "robot does not exist"), "gone"),
            Case(200, _errcode(400013, "group is dissolved"), "gone"),
            Case(200, _errcode(-1, "system busy"), "unknown"),
        ),
    ),
    Kind(
        "feishu",
        feishu.Feishu,
        f"/open-apis/bot/v2/hook/{KEY}",
        Case(200, '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}', "accepted"),
        (
            Case(200, '{"Extra":null,"StatusCode":0,"StatusMessage":"success"}', "accepted"),
            Case(200, _feishu(11232, "frequency limited psm"), "busy"),
            Case(400, _feishu(9499, "too many request"), "busy"),
            Case(400, _feishu(9499, "Bad Request"), "refused"),
            Case(
                200,
                _feishu(19021, "sign match fail or timestamp is not within one hour from current time"),
                "refused",
            ),
            Case(400, _feishu(19001, "param invalid: incoming webhook access token invalid"), "refused"),
            Case(200, '{"StatusCode":19024,"StatusMessage":"Key Words Not Found"}', "refused"),
            Case(200, _feishu(10500, "internal"), "unknown"),
        ),
    ),
    Kind(
        "slack",
        slack.Slack,
        "/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
        Case(200, "ok", "accepted"),
        (
            Case(200, '{"ok":true}', "accepted"),
            Case(400, "invalid_payload", "refused"),
            Case(403, "action_prohibited", "refused"),
            Case(403, "invalid_token", "refused"),
            Case(404, "channel_not_found", "refused"),
            Case(404, "no_service", "gone"),
            Case(410, "channel_is_archived", "gone"),
            Case(429, "rate_limited", "busy"),
            Case(500, "rollup_error", "unknown"),
        ),
    ),
    Kind(
        "teams",
        teams.Teams,
        f"/workflows/{KEY}/triggers/manual/paths/invoke?api-version=2016-06-01&sig={KEY}",
        Case(202, "", "accepted"),
        (
            Case(200, "1", "accepted"),
            Case(
                200,
                "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429",
                "busy",
            ),
            Case(200, "Webhook message delivery failed with error: HTTP error 502", "unknown"),
            Case(
                400,
                _azure(
                    "WorkflowTriggerIsNotEnabled",
                    "Could not execute workflow: its state is 'Deleted', state 'Deleted'.",
                ),
                "gone",
            ),
            Case(
                400, _azure("WorkflowTriggerIsNotEnabled", "Could not execute workflow, state 'Disabled'."), "refused"
            ),
            Case(404, _azure("WorkflowNotFound", "The workflow could not be found."), "gone"),
            Case(401, _azure("DirectApiAuthorizationRequired", "The request must be authenticated."), "refused"),
            Case(429, _azure("TooManyRequests", "Rate limit is exceeded."), "busy"),
        ),
    ),
)

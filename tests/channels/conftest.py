"""Sample messages for the channel tests."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from incident.core.notifications.message import Message

SECRET = "whsec_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa="


@pytest.fixture
def make_message() -> Callable[..., Message]:
    """A message to the city's network office, changed as the test wants it."""

    def make(**changes: Any) -> Message:
        usual: dict[str, Any] = {
            "webhook_id": "msg_2Lh9KRb0pzN4LePd3XiA4v12Axj",
            "type": "notice.created",
            "at": datetime(2026, 11, 21, 3, 0, tzinfo=UTC),
            "sent_at": datetime(2026, 11, 21, 3, 0, 7, 900_000, tzinfo=UTC),
            "contact": "值班员 Duty officer",
            "channel": "webhook",
            "address": "duty@city.example",
            "secret": SECRET,
            "language": "zh_Hans_CN",
            "thread": "INC-2026-000042",
            "subject": "【重大】工资服务器文件被加密",
            "text": "新事件，请立即签收。\n",
            "html": "<p>新事件，请立即签收。</p>",
            "data": {"notice": 7, "title": "文件被加密", "acknowledge_url": "https://i.example/a/Q0ZCSk9QUVJTVFVWV1hZ"},
        }
        return Message(**{**usual, **changes})

    return make

"""The template filters."""

import datetime as dt
import re

from incident.node import Node
from incident.web.pages import frame, states
from incident.web.pages.journal import timeline
from incident.web.pages.playbooks import outline
from tests.house.source import ROOT
from tests.web.office import Office
from tools import vendor


def test_every_icon_that_code_chooses_is_in_the_sprite() -> None:
    chosen = {look.icon for look in states.STATES.values()} | set(states.CHANNEL_ICONS.values())
    chosen |= {icon for icon, _kind in timeline.ICONS.values()} | set(outline.ICONS.values())
    assert chosen - set(vendor.icon_names(ROOT)) == set()


def test_every_icon_of_the_menu_is_in_the_sprite(office: Office) -> None:
    page = office.browser("administrator").get("/incidents")
    shown = set(re.findall(r"icons\.svg\?v=[0-9a-f]+#([a-z0-9-]+)", page))
    assert shown - set(vendor.icon_names(ROOT)) == set()
    assert len(shown) > 10


def test_a_clock_that_ticked_a_moment_ago_runs(office: Office) -> None:
    from incident.actions.operations import housekeeping

    office.do(lambda: housekeeping.beat(Node("a" * 32, "1" * 32, "soc"), 7, office.hand.at))
    office.hand.forward(seconds=frame.CLOCK_LIMIT / dt.timedelta(seconds=1))
    assert "The scheduler is not running" not in office.browser("reader").get("/incidents")

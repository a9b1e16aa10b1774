"""Masking of addresses."""

from incident.core.notifications.contact import shown_address


def test_an_address_that_opens_a_group_is_shown_by_its_host_and_end() -> None:
    secret = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-4bc4"
    assert shown_address(secret, is_secret=True) == "https://qyapi.weixin.qq.com/…4bc4"
    assert shown_address("duty@city.example", is_secret=False) == "duty@city.example"
    assert shown_address(None, is_secret=True) is None

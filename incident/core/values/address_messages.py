"""Error messages of addresses: a code and its sentence, as in `error_messages`."""

from typing import Final

from incident.core.values.marking import N_

ADDRESS_FAULT_WORDS: Final = {
    "address.bad_character": N_("The address must not contain spaces, backslashes or control characters."),
    "address.bad_port": N_("The port in the address must be a number from 1 to 65535."),
    "address.has_userinfo": N_("The address must not contain a user name. Remove everything before the @."),
    "address.missing": N_("Enter an address for this channel."),
    "address.no_host": N_("The address must include a host name."),
    "address.not_dingtalk": N_(
        "Enter the address of a DingTalk robot. It contains /robot/send?access_token= and a token."
    ),
    "address.not_feishu": N_(
        "Enter the address of a Feishu or Lark robot. It contains /open-apis/bot/v2/hook/ and a token."
    ),
    "address.not_http": N_("The address must begin with http:// or https://."),
    "address.not_mail": N_("Enter an email address, such as duty@example.org."),
    "address.not_phone": N_("Enter a telephone number with its country code, such as +8613800138000."),
    "address.not_slack": N_("Enter the address of a Slack webhook. It contains /services/ and three parts."),
    "address.not_teams": N_(
        "Enter the address of a Teams workflow. It contains /workflows/ and a signature after sig=."
    ),
    "address.not_wecom": N_("Enter the address of a WeCom robot. It contains /webhook/send?key= and a key."),
    "address.of_device": N_("Devices are added by their owners, on the page Your account."),
    "address.not_wanted": N_("The inbox needs no address. Leave the address empty."),
    "address.too_long": N_("The address is too long."),
}

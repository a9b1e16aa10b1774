"""The command openc2-http (CACAO 2.0 section 5.10): an OpenC2 command posted to each target, its outcome by P13."""

from dataclasses import replace

from incident.executors.command import Command, Definition, ExecutorContext
from incident.executors.http_api import HttpApi, Request, UnfitError, read_request

KIND = "openc2-http"
MEDIA_TYPE = "application/openc2+json;version=1.0"
"""Transfer of OpenC2 Messages via HTTPS 1.1 section 3.3.2; an own header of the playbook comes first."""


class OpenC2Http(HttpApi):
    """Sends the content of `content_b64`, by POST, by default with the media type of OpenC2."""

    kind = KIND

    def request_of(self, body: Definition) -> Request:
        """Return the request of a command object; raises UnfitError when its method is not POST."""
        request = read_request(body)
        if request.method != "POST":
            raise UnfitError("an OpenC2 command is sent by POST")
        if not request.content:
            raise UnfitError("content_b64 holds no OpenC2 command")
        named = {name.lower() for name in request.headers}
        usual = {name: MEDIA_TYPE for name in ("Content-Type", "Accept") if name.lower() not in named}
        return replace(request, headers={**request.headers, **usual})

    def is_repeatable(self, command: Command) -> bool:
        """Return whether it may be repeated after a crash: never, it is a POST (P14)."""
        return False


def make(means: ExecutorContext) -> OpenC2Http:
    """Return the executor of openc2-http."""
    return OpenC2Http(means.outgoing, means.secret)

"""Reads the requests of a connection from the received data, and never waits for more.

gunicorn's parser parses requests; it runs only when the head has arrived, and the data it then reads is present or
known to be missing.
"""

import io
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from gunicorn.config import Config
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.errors import InvalidRequestLine, LimitRequestHeaders
from gunicorn.http.parser import RequestParser
from gunicorn.http.unreader import Unreader

from incident.core.incidents.source import split_address_token

MAX_HEAD: Final = 64 << 10
"""Limit (bytes) of a request line and headers; more are refused with 431."""

OVERHEAD: Final = 2
"""Limit of a chunked body as a multiple of the content: chunks of one byte are six times as long."""


SMALL: Final = 256 << 10
"""Bytes of a chunked body for which `OVERHEAD` does not hold."""

PIECE: Final = 2 << 10
"""Bytes of a chunked body that the parser gets at once."""


class NeedsMore(Exception):
    """The parser needs bytes that have not arrived."""


class _Arrived(Unreader):  # type: ignore[misc]  # gunicorn has no types
    """The received data; at its end, NeedsMore is raised while heads are read, else it reports the end."""

    is_reading_head = False

    def __init__(self) -> None:
        super().__init__()
        self._later = io.BytesIO()

    def give(self, data: bytes) -> None:
        """Hand out data in pieces: the parser copies all that is buffered for each chunk of a body."""
        self._later = io.BytesIO(data)

    def chunk(self, size_hint: int | None = None) -> bytes:
        if self.is_reading_head:
            raise NeedsMore
        return self._later.read(PIECE)

    def take_buffered(self) -> bytes:
        return bytes(super().take_buffered()) + self._later.read()


class _Content:
    """A whole body, read from its own buffer: that of the parser copies all that is left with every read."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int) -> bytes:
        return self._content.read(size)


class RequestReader(RequestParser):  # type: ignore[misc]  # gunicorn has no types
    """The requests of one connection.

    Args:
        cfg: gunicorn's configuration.
        client: the address at the other end.
        max_body: the body limit (bytes); a longer one is not read, and its request is answered without it.
    """

    def __init__(self, cfg: Config, client: Any, max_body: int) -> None:
        super().__init__(cfg, [], client)
        self.unreader = _Arrived()
        self._max_body = max_body
        self.begin()

    def begin(self) -> None:
        """Continue with the next request; it begins with the data that was read in advance."""
        self._data = bytearray(self.unreader.take_buffered())
        self._request: Any = None
        self._fault: Exception | None = None
        self._searched = 0
        self._content = self._size = 0
        self.is_whole = False
        self.is_too_large = False
        self._parse_buffer()

    def feed(self, data: bytes) -> None:
        """Add received data."""
        self._data += data
        self._parse_buffer()

    @property
    def held(self) -> int:
        """How many bytes of this request are held, without its head."""
        return self._size or len(self._data)

    @property
    def has_head(self) -> bool:
        """Whether the head has arrived and was parsed."""
        return self._request is not None

    @property
    def path(self) -> str:
        """The path of the received request; empty when it was not parsed."""
        return "" if self._request is None else str(self._request.path)

    def wants_continue(self) -> bool:
        """Return, once, whether the client waits for 100 Continue."""
        if self._request is None or self.is_whole or not self._request._expected_100_continue:
            return False
        self._request._expected_100_continue = False
        return True

    def __next__(self) -> Any:
        """Return the received request; raises the fault that the parser found."""
        if self._fault is not None:
            raise self._fault
        self.mesg, self._request = self._request, None
        return self.mesg

    # ---------------------------------------------------------------------------------------------------- the head
    def _parse_buffer(self) -> None:
        if self._request is None and not self.is_whole:
            self._look_for_head()
        if self.has_head and not self.is_whole:
            self._look_for_body()

    def _look_for_head(self) -> None:
        begin, self._searched = max(0, self._searched - 2), len(self._data)
        # The parser refuses a head whose lines end with LF alone: there is no need to wait for it.
        if self._data.find(b"\n\r\n", begin) < 0 and self._data.find(b"\n\n", begin) < 0:
            if len(self._data) > MAX_HEAD:
                self._refuse(LimitRequestHeaders("the head is too large"))
            return
        self.unreader.unread(bytes(self._data))
        self.unreader.is_reading_head = True
        try:
            self._request = self.mesg_class(self.cfg, self.unreader, self.source_addr, self.req_count + 1)
        except NeedsMore:
            self.unreader.take_buffered()
            if len(self._data) > MAX_HEAD:
                self._refuse(LimitRequestHeaders("the head is too large"))
            return
        except Exception as fault:  # noqa: BLE001  # reported by the thread that answers, like all faults of the parser
            self._refuse(fault)
            return
        finally:
            self.unreader.is_reading_head = False
        self.req_count += 1
        self._request.uri = _without_token(self._request.uri)
        self._data = bytearray(self.unreader.take_buffered())
        self._searched = 0

    def _refuse(self, fault: Exception) -> None:
        if "alerts" in str(fault):
            fault = InvalidRequestLine("not shown, as it may hold a token")
        self._fault, self._request, self.is_whole = fault, None, True

    # ---------------------------------------------------------------------------------------------------- the body
    def _look_for_body(self) -> None:
        reader = self._request.body.reader
        if isinstance(reader, LengthReader):
            if reader.length > self._max_body:
                self._leave_body()
            elif len(self._data) >= reader.length:
                self._complete()
        elif isinstance(reader, ChunkedReader):
            self._look_for_chunks()
        else:
            self._complete()

    def _look_for_chunks(self) -> None:
        """Search the end of the last chunk; the parser refuses an invalid chunk."""
        announced = 0
        while (end := self._data.find(b"\r\n", self._searched)) >= 0:
            try:
                size = int(bytes(self._data[self._searched : end]).partition(b";")[0], 16)
            except ValueError:
                return self._complete()
            if size == 0:
                return self._look_for_trailers(end)
            if self._content + size > self._max_body:
                self.is_too_large = True
                return None
            if end + 2 + size + 2 > len(self._data):
                announced = size
                break
            self._content += size
            self._searched = end + 2 + size + 2
        if end < 0 and len(self._data) - self._searched > MAX_HEAD:
            return self._complete()  # a size without an end, which the parser refuses
        self.is_too_large = len(self._data) > max(SMALL, OVERHEAD * (self._content + announced))
        return None

    def _look_for_trailers(self, begin: int) -> None:
        if self._data.find(b"\r\n\r\n", begin) >= 0 or len(self._data) - begin > MAX_HEAD:
            self._complete()

    def _leave_body(self) -> None:
        """Answer without the body: the start of the next request is then unknown, so the connection ends."""
        self._request._expected_100_continue = False
        self._request.force_close()
        self._complete()

    def _complete(self) -> None:
        reader, self._size = self._request.body.reader, len(self._data)
        length = reader.length if isinstance(reader, LengthReader) else 0
        if 0 < length <= self._size:
            with memoryview(self._data) as arrived:
                self._request.body = Body(_Content(bytes(arrived[:length])))
            del self._data[:length]
        if isinstance(reader, ChunkedReader):
            self.unreader.give(bytes(self._data))
        else:
            self.unreader.unread(bytes(self._data))
        self._data = bytearray()
        self.is_whole = True
        if isinstance(reader, ChunkedReader):
            self._join_chunks()

    def _join_chunks(self) -> None:
        """Parse the chunks here, so that a broken one is refused before any thread handles the request."""
        try:
            content = self._request.body.read()
        except Exception as fault:  # noqa: BLE001  # as above
            self._refuse(fault)
        else:
            self._request.body = Body(_Content(content))


def _without_token(uri: str) -> str:
    """Return the address of a request as it may be logged: without the token of a source."""
    try:
        found = split_address_token(unquote(urlsplit(uri).path))
    except ValueError:
        return "/"
    return uri if found is None else quote(found[0])

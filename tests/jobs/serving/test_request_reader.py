"""Bodies of requests, as they are read from what has arrived."""

from gunicorn.config import Config

from incident.jobs.serving.request_reader import RequestReader

MEBIBYTE = 1 << 20
NEXT = b"GET /next HTTP/1.1\r\nHost: incident.example\r\n\r\n"


def reader_of(*received: bytes) -> RequestReader:
    reader = RequestReader(Config(), ("127.0.0.1", 1), 8 * MEBIBYTE)
    for data in received:
        reader.feed(data)
    return reader


def posted(content: bytes) -> bytes:
    return b"POST /parts HTTP/1.1\r\nHost: incident.example\r\nContent-Length: %d\r\n\r\n%b" % (len(content), content)


def in_chunks(content: bytes) -> bytes:
    head = b"POST /parts HTTP/1.1\r\nHost: incident.example\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)


def test_a_body_that_is_read_in_pieces_is_whole_and_the_request_behind_it_stays() -> None:
    content = bytes(range(256)) * (4 * MEBIBYTE // 256)
    for written in (posted(content), in_chunks(content)):
        reader = reader_of(written[:100], written[100:MEBIBYTE], written[MEBIBYTE:] + NEXT)
        body = next(reader).body
        assert b"".join(iter(lambda body=body: body.read(65_536), b"")) == content  # type: ignore[misc]
        reader.begin()
        assert reader.path == "/next"


def test_reading_a_body_copies_nothing_of_the_parser_s_buffer() -> None:
    reader = reader_of(posted(bytes(MEBIBYTE)) + NEXT)
    assert next(reader).body.read(10) == bytes(10)
    assert reader.unreader.take_buffered() == NEXT


def test_a_body_that_nobody_read_is_not_taken_for_the_next_request() -> None:
    reader = reader_of(posted(NEXT.replace(b"next", b"hidden")) + NEXT)
    next(reader)
    reader.begin()
    assert reader.path == "/next"


def test_many_small_chunks_are_joined_and_a_flood_of_them_is_refused() -> None:
    head = b"POST /parts HTTP/1.1\r\nHost: incident.example\r\nTransfer-Encoding: chunked\r\n\r\n"
    few = reader_of(head + b"1\r\na\r\n" * 40_000 + b"0\r\n\r\n" + NEXT)
    assert len(next(few).body.read(MEBIBYTE)) == 40_000
    few.begin()
    assert few.path == "/next"
    many = reader_of(head, *[b"1\r\na\r\n" * 10_000 for _ in range(5)])
    assert (many.is_whole, many.is_too_large) == (False, True)


def test_a_large_chunk_of_which_a_part_has_arrived_is_waited_for() -> None:
    written = in_chunks(bytes(4 * MEBIBYTE))
    reader = reader_of(written[:MEBIBYTE])
    assert (reader.is_whole, reader.is_too_large) == (False, False)
    reader.feed(written[MEBIBYTE:])
    assert reader.is_whole

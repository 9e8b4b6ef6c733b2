# SPDX-License-Identifier: MIT
"""An upstream that speaks HTTP/2 frame by frame (python3-h2), scripted per
test: refused streams, connections that go away or fall silent."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Callable

import h2.config
import h2.connection
import h2.events
from hyperframe.frame import DataFrame, GoAwayFrame, RstStreamFrame

from rawserver import Closed, Peer, RawServer

NO_ERROR, REFUSED_STREAM, HTTP_1_1_REQUIRED = 0, 7, 13


@dataclass
class Stream:
    """A request as far as it has come."""

    id: int
    fields: list[tuple[str, str]]
    body: bytes = b""
    ended: bool = False

    def value(self, name: str) -> str:
        return dict(self.fields)[name]


@dataclass
class Http2Peer:
    """One connection; `number` counts the server's from 1."""

    server: "Http2Server"
    sock: ssl.SSLSocket
    number: int
    streams: dict[int, Stream] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.h2 = h2.connection.H2Connection(h2.config.H2Configuration(
            client_side=False, header_encoding="utf-8"))
        self.h2.initiate_connection()
        self.flush()

    def flush(self) -> None:
        self.sock.sendall(self.h2.data_to_send())

    def answer(self, stream: Stream, body: bytes = b"hello", status: int = 200,
               *fields: tuple[str, str], end: bool = True) -> None:
        self.h2.send_headers(stream.id, [(":status", str(status)), *fields])
        self.h2.send_data(stream.id, body, end_stream=end)
        self.flush()

    def frames(self, *frames) -> None:
        """Behind what h2 has made, in one piece, and behind its back."""
        self.sock.sendall(self.h2.data_to_send() +
                          b"".join(f.serialize() for f in frames))

    def reset(self, stream: Stream, code: int) -> None:
        self.frames(reset(stream, code))

    def run(self) -> None:
        while True:
            data = self.sock.recv(65536)
            if not data:
                raise Closed("closed")
            for event in self.h2.receive_data(data):
                self.take(event)
            self.flush()

    def take(self, event) -> None:
        stream = self.streams.get(getattr(event, "stream_id", 0))
        if isinstance(event, h2.events.RequestReceived):
            stream = Stream(event.stream_id, event.headers)
            self.streams[stream.id] = stream
            self.server.streams.append(stream)
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            self.h2.acknowledge_received_data(event.flow_controlled_length, stream.id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = True
        else:
            return
        self.server.act(self, stream, event)


def reset(stream: Stream, code: int) -> RstStreamFrame:
    return RstStreamFrame(stream.id, error_code=code)


def go_away(last: int) -> GoAwayFrame:
    return GoAwayFrame(0, last_stream_id=last, error_code=NO_ERROR)


def data(stream: Stream, body: bytes, *flags: str) -> DataFrame:
    return DataFrame(stream.id, data=body, flags=flags)


class Http2Server(RawServer):
    """act(peer, stream, event) is called for each event of a request. Who does
    not choose HTTP/2 is served HTTP/1.1 by `old`, where there is one."""

    def __init__(self, act: Callable, authority, old=None):
        self.act = act
        self.old = old
        self.streams: list[Stream] = []
        context = authority.context("127.0.0.1")
        context.set_alpn_protocols(["h2", "http/1.1"] if old else ["h2"])
        super().__init__(self.serve, tls=context)

    def serve(self, peer: Peer) -> None:
        if peer.sock.selected_alpn_protocol() == "h2":
            Http2Peer(self, peer.sock, peer.number).run()
        elif self.old:
            self.old(peer)


def whole(event) -> bool:
    return isinstance(event, h2.events.StreamEnded)


def begun(event) -> bool:
    return isinstance(event, h2.events.RequestReceived)


def hello(peer: Http2Peer, stream: Stream, event) -> None:
    """Answers what is whole with its length."""
    if whole(event):
        peer.answer(stream, str(len(stream.body)).encode())

# SPDX-License-Identifier: MIT
"""A real WebSocket client and a real server, with bearerd between them."""

import asyncio
import os

import pytest
import websockets

from chromium import site
from harness import static
from websocket_server import Server


@pytest.fixture(params=["ws", "wss"])
def server(request, authority):
    one = Server(authority.context("127.0.0.1") if request.param == "wss" else None)
    yield one
    one.stop()


@pytest.fixture
def proxy(bearerd, server, authority):
    return bearerd({"a": static(server.url, upstream_ca=authority.path)})


def connect(proxy, **options):
    return websockets.connect(f"ws://127.0.0.1:{proxy.port}/a/chat",
                              max_size=64 << 20, **options)


def test_messages(server, proxy):
    async def talk():
        async with connect(proxy, subprotocols=["other", "chat"]) as socket:
            assert socket.subprotocol == "chat"
            for length in 0, 1, 125, 126, 65535, 65536, 1 << 20, 16 << 20:
                message = os.urandom(length)
                await socket.send(message)
                assert await socket.recv() == message
            await socket.send("text, and äöü")
            assert await socket.recv() == "text, and äöü"
            await (await socket.ping())

    asyncio.run(talk())
    assert server.handshakes[0]["Authorization"] == "Bearer fixed-token"
    assert "permessage-deflate" in server.handshakes[0]["Sec-WebSocket-Extensions"]
    server.has_seen(1000)


def test_close_codes(server, proxy):
    async def by_server():
        async with connect(proxy) as socket:
            await socket.send("close 4001")
            with pytest.raises(websockets.ConnectionClosed) as closed:
                await socket.recv()
            return closed.value.code, closed.value.reason

    async def by_client():
        socket = await connect(proxy)
        await socket.close(4002)

    assert asyncio.run(by_server()) == (4001, "as asked")
    asyncio.run(by_client())
    server.has_seen(4001, 4002)


def test_many_at_once(server, proxy):
    async def one(number: int) -> None:
        async with connect(proxy) as socket:
            for turn in range(5):
                message = f"{number} {turn} " + "x" * (number * 500)
                await socket.send(message)
                assert await socket.recv() == message

    async def all_of_them() -> None:
        await asyncio.gather(*(one(n) for n in range(100)))

    asyncio.run(all_of_them())
    server.has_seen(*[1000] * 100)


def test_server_refuses(bearerd, server, authority):
    """Its own words reach the client: another path is another service's."""
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 deny="GET /**")})

    async def talk():
        async with connect(proxy):
            pass

    with pytest.raises(websockets.InvalidStatusCode) as refused:
        asyncio.run(talk())
    assert refused.value.status_code == 403
    assert server.handshakes == []


def test_pages_origin(server, proxy):
    async def talk(origin):
        async with connect(proxy, origin=origin) as socket:
            await socket.send("hello")
            return await socket.recv()

    assert asyncio.run(talk(f"http://127.0.0.1:{proxy.port}")) == "hello"
    with pytest.raises(websockets.InvalidStatusCode) as refused:
        asyncio.run(talk("https://evil.test"))
    assert refused.value.status_code == 403
    assert len(server.handshakes) == 1


# Tells what a page hears from a server to which it says hello.
SOCKET = """return new Promise(done => {
    const socket = new WebSocket(arguments[0]);
    socket.onopen = () => socket.send('hello');
    socket.onmessage = event => done(event.data);
    socket.onerror = () => done('refused');
})"""


def test_browser(chromium, bearerd, upstream, server, authority):
    """A page that may, and one of another site, to which bearerd's answer is the
    only hindrance: a browser asks nobody before."""
    pages = upstream(site({"/": "<title>page</title>"}))
    proxy = bearerd({"a": static(server.url, upstream_ca=authority.path,
                                 allow_origin=f"http://app.test:{pages.port}")})
    address = f"ws://127.0.0.1:{proxy.port}/a/chat"
    for host, heard, handshakes in (("foreign.test", "refused", 0),
                                    ("app.test", "hello", 1)):
        chromium.open(f"http://{host}:{pages.port}/")
        assert chromium.run(SOCKET, address) == heard
        assert len(server.handshakes) == handshakes
    assert server.handshakes[0]["Authorization"] == "Bearer fixed-token"

# SPDX-License-Identifier: MIT
"""A real WebSocket server, Python's, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading

import websockets

from harness import wait_for


class Server(threading.Thread):
    """Says back what it is told; `close CODE` closes."""

    def __init__(self, tls=None):
        super().__init__(daemon=True)
        self.tls, self.handshakes, self.codes = tls, [], []
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.start()
        assert self.ready.wait(10)

    async def serve(self, socket) -> None:
        self.handshakes.append(socket.request_headers)
        try:
            async for message in socket:
                if isinstance(message, str) and message.startswith("close "):
                    await socket.close(int(message[6:]), "as asked")
                    break
                await socket.send(message)
        except websockets.ConnectionClosedError:
            pass
        finally:
            self.codes.append(socket.close_code)

    async def begin(self) -> None:
        self.server = await websockets.serve(
            self.serve, "127.0.0.1", 0, ssl=self.tls, max_size=64 << 20,
            subprotocols=["chat"])
        self.port = self.server.sockets[0].getsockname()[1]
        self.ready.set()

    def run(self) -> None:
        self.loop.run_until_complete(self.begin())
        self.loop.run_forever()

    def has_seen(self, *codes: int) -> None:
        """These closes, of which it learns behind the client."""
        wait_for(lambda: len(self.codes) == len(codes), 10, f"closed with {codes}")
        assert self.codes == list(codes)

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def stop(self) -> None:
        async def end():
            self.server.close()
            await self.server.wait_closed()

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join(10)

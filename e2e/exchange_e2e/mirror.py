"""A server that replaces an instance and shows what reaches it: it responds with the headers of the request, accepts
WebSockets, and sends events one by one on demand.
"""

import asyncio

from aiohttp import WSMsgType, web

from .ports import free_port

SUBPROTOCOL = "graphql-transport-ws"


class Mirror:
    """Use it as `async with`."""

    def __init__(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        # The client address of each connection.
        self.connections: set[tuple[str, int]] = set()
        # Lets the event stream continue after its first event.
        self.go_on = asyncio.Event()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application)
        self._port = port

    async def __aenter__(self) -> "Mirror":
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        self.connections.add(request.transport.get_extra_info("peername"))
        if request.headers.get("Upgrade") == "websocket":
            return await self._converse(request)
        if "text/event-stream" in request.headers.get("Accept", ""):
            return await self._tell(request)
        return web.json_response(list(request.headers.items()))

    async def _converse(self, request: web.Request) -> web.StreamResponse:
        """Echoes messages."""
        socket = web.WebSocketResponse(protocols=[SUBPROTOCOL])
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
        return socket

    async def _tell(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        await stream.write(b"data: first\n\n")
        await self.go_on.wait()
        await stream.write(b"data: last\n\n")
        return stream

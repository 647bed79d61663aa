"""Malicious clients: they send requests and do not read responses. Each may use its own loopback address."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

_TEXT, _PING = 0x1, 0x9
# The frames of a client are masked; this key leaves them unchanged.
_MASK = bytes(4)
_HANDSHAKE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"
)
# The size of a client's receive buffer.
_LITTLE = 4096


def frame(payload: bytes, kind: int = _TEXT) -> bytes:
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0x80 | 126]) + size.to_bytes(2)
    return bytes([0x80 | kind]) + length + _MASK + payload


def message(**members: Any) -> bytes:
    return frame(json.dumps(members).encode())


PING = frame(b"p" * 125, _PING)


class Hostile:
    """A connection that reads only the beginning of what it receives."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self._reader, self._writer, self._host = reader, writer, host

    async def ask(self, path: str) -> None:
        await self.send(f"GET {path} HTTP/1.1\r\nHost: {self._host}\r\n\r\n".encode())

    async def post(self, path: str, body: Any) -> None:
        content = json.dumps(body).encode()
        head = f"Host: {self._host}\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
        await self.send(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + content)

    async def upgrade(self) -> bool:
        """Opens a WebSocket without identity."""
        await self.send(f"GET /graphql HTTP/1.1\r\nHost: {self._host}\r\n{_HANDSHAKE}\r\n".encode())
        is_open = await self.status() == 101
        if is_open:
            await self.send(message(type="connection_init"))
        return is_open

    async def status(self) -> int:
        """Returns the status of a response without reading its body."""
        with suppress(OSError, asyncio.IncompleteReadError):
            head = await self._reader.readuntil(b"\r\n")
            return int(head.split()[1])
        return 0

    async def send(self, data: bytes) -> bool:
        """Returns False if the connection is closed."""
        if self._writer.is_closing() or self._reader.at_eof():
            return False
        with suppress(OSError):
            self._writer.write(data)
            await self._writer.drain()
            return True
        return False

    def close(self) -> None:
        self._writer.transport.abort()


@asynccontextmanager
async def hostile(url: str, addresses: list[str]) -> AsyncIterator[list[Hostile]]:
    """Opens a connection from each of these addresses."""
    server = urlsplit(url)
    async with AsyncExitStack() as stack:
        clients = []
        for address in addresses:
            reader, writer = await asyncio.open_connection(
                server.hostname, server.port, local_addr=(address, 0), limit=_LITTLE
            )
            client = Hostile(reader, writer, server.netloc)
            stack.callback(client.close)
            clients.append(client)
        yield clients

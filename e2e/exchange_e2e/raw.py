"""Requests as no library would send them."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

# Every way to say it that a program might take for the header. Those with a blank are no HTTP.
X_USER_ID = ("X-User-ID", "x-user-id", "X-USER-ID", "X_User_ID", "x_user_id", "X-User_ID", "X-User-ID ", " X-User-ID")


async def send(url: str, headers: Sequence[str], request: str = "GET / HTTP/1.1") -> str:
    """The answer to a request with these lines as they stand: its head and its body, as it came."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write("\r\n".join([request, "Host: localhost", "Connection: close", *headers, "", ""]).encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer.decode(errors="replace")

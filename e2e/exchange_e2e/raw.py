"""Requests that no HTTP library would send."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

# Every spelling that a program might accept as the header. Those with a blank are not valid HTTP.
X_USER_ID = ("X-User-ID", "x-user-id", "X-USER-ID", "X_User_ID", "x_user_id", "X-User_ID", "X-User-ID ", " X-User-ID")


async def send(url: str, headers: Sequence[str], request: str = "GET / HTTP/1.1") -> str:
    """Sends these lines unchanged and returns the headers and the body of the response."""
    address = urlsplit(url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write("\r\n".join([request, "Host: localhost", "Connection: close", *headers, "", ""]).encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer.decode(errors="replace")

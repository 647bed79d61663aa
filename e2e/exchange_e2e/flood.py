"""A mail server that sends an endless line: in clear text, after STARTTLS, or encrypted from the beginning."""

import socket
import ssl
import threading
from contextlib import suppress

_MUCH = b"250-" + b"x" * 65536


class Flood:
    """Listens from its creation until `stop`."""

    def __init__(self, tls: ssl.SSLContext | None = None, starttls: bool = False) -> None:
        """`tls`: encrypts, from the beginning or after STARTTLS."""
        # The number of clients that hung up, and the bytes sent to all of them.
        self.hung_up = 0
        self.said = 0
        self._tls, self._starttls = tls, starttls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._tls is None:
                self._flood(connection)
            if self._starttls:
                for answer in (b"220 hello\r\n", b"250-hello\r\n250 STARTTLS\r\n", b"220 go on\r\n"):
                    connection.sendall(answer)
                    if not answer.startswith(b"220 go"):
                        connection.recv(1024)
            assert self._tls is not None
            with self._tls.wrap_socket(connection, server_side=True) as encrypted:
                self._flood(encrypted)

    def _flood(self, connection: socket.socket) -> None:
        try:
            while True:
                connection.sendall(_MUCH)
                self.said += len(_MUCH)
        finally:
            self.hung_up += 1

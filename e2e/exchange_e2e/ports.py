"""Free ports on loopback. They are below the kernel's range for outgoing connections, so the port of a stopped server
is still free when it restarts."""

import random
import socket

_FIRST, _LAST = 20_000, 31_999
_given: set[int] = set()


def free_port() -> int:
    """Returns an unused port that was not returned before."""
    for port in random.sample(range(_FIRST, _LAST + 1), 500):
        if port in _given:
            continue
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError(f"no free port between {_FIRST} and {_LAST}")

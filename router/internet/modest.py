"""dnspython's sockets, with a limit on what is read: to parse an answer of 64 KiB would hold the loop up for 0.2 s."""

from __future__ import annotations

from typing import Any

from dns.asyncbackend import Backend, DatagramSocket, StreamSocket, get_backend  # type: ignore[attr-defined]

MOST_BYTES = 4096
"""Of one answer. Those of honest servers have some hundred."""


class Modest(Backend):
    """asyncio's backend; a datagram that is too long is left out, a stream that wants to be ends.

    Datagrams are sent over connected sockets: so one learns at once that no name server runs at an address.
    """

    def __init__(self) -> None:
        self._plain: Any = get_backend("asyncio")

    def name(self) -> str:
        return "asyncio"

    async def make_socket(self, *where: Any, **how: Any) -> Any:
        made = await self._plain.make_socket(*where, **how)
        if isinstance(made, DatagramSocket):
            return _Datagrams(made)
        return _Stream(made)

    def datagram_connection_required(self) -> bool:
        return True

    async def sleep(self, interval: float) -> None:
        await self._plain.sleep(interval)

    async def wait_for(self, awaitable: Any, timeout: float) -> Any:
        return await self._plain.wait_for(awaitable, timeout)


class _Datagrams(DatagramSocket):
    def __init__(self, plain: Any) -> None:
        super().__init__(plain.family, plain.type)
        self._plain = plain

    async def sendto(self, what: bytes, destination: Any, timeout: float) -> Any:
        return await self._plain.sendto(what, None, timeout)

    async def recvfrom(self, size: int, timeout: float) -> tuple[bytes, Any]:
        while True:
            data, sender = await self._plain.recvfrom(size, timeout)
            if len(data) <= MOST_BYTES:
                return data, sender

    async def close(self) -> None:
        await self._plain.close()

    async def getpeername(self) -> Any:
        return await self._plain.getpeername()

    async def getsockname(self) -> Any:
        return await self._plain.getsockname()


class _Stream(StreamSocket):
    def __init__(self, plain: Any) -> None:
        super().__init__(plain.family, plain.type)
        self._plain = plain

    async def sendall(self, what: bytes, timeout: float) -> Any:
        return await self._plain.sendall(what, timeout)

    async def recv(self, size: int, timeout: float) -> bytes:
        """`size` is what is missing of the answer, whose length came first (RFC 1035, 4.2.2)."""
        if size > MOST_BYTES:
            raise EOFError(f"an answer of {size} bytes")
        return bytes(await self._plain.recv(size, timeout))

    async def close(self) -> None:
        await self._plain.close()

    async def getpeername(self) -> Any:
        return await self._plain.getpeername()

    async def getsockname(self) -> Any:
        return await self._plain.getsockname()

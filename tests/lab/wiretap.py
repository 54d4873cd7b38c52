"""Listens on the wire: each packet of audio that reaches a party, at the moment the kernel saw it.

A recording made by an Asterisk loses what comes late on a busy machine. Here each packet takes the place that its RTP
timestamp tells, as in a telephone's jitter buffer, and a party that is sent nothing at all can be told from silence.
"""

from __future__ import annotations

import ctypes
import dataclasses
import socket
import struct
import threading
import time

from tests.lab.call import Call
from tests.lab.party import Party
from tests.lab.tone import RATE

_IPV4, _TO_HOST = 0x0800, 0  # on loopback each packet passes twice: on its way out, and in
_ATTACH_FILTER, _RCVBUFFORCE, _TIMESTAMPNS = 26, 33, 35  # asm-generic/socket.h; the module socket lacks them
_BUFFER = 16 << 20
_LOWEST_PORT = 10000  # of RTP in the lab
_ALAW = 8
_RESYNC = 0.4  # seconds between a packet's timestamp and its coming from which on the timestamp is a new beginning


@dataclasses.dataclass(frozen=True)
class Packet:
    at: float  # time.monotonic
    port: int
    source: int  # SSRC
    stamp: int  # samples, modulo 2 ** 32
    sound: bytes  # A-law


@dataclasses.dataclass(frozen=True)
class Sound:
    """What came to one side of a call: the moment of its first packet, and samples from then on."""

    begins: float
    samples: tuple[int, ...]


class Wiretap:
    """As long as the block runs."""

    def __init__(self, *parties: Party) -> None:
        self._addresses = [party.address for party in parties]
        self._packets: list[Packet] = []
        self._over = threading.Event()
        self._clock = time.time() - time.monotonic()

    def __enter__(self) -> Wiretap:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, _RCVBUFFORCE, _BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _TIMESTAMPNS, 1)
        _only_audio_to(self._socket, self._addresses)
        self._socket.bind(("lo", _IPV4))
        self._socket.settimeout(0.2)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *why: object) -> None:
        self._over.set()
        self._thread.join()
        self._socket.close()

    def sound(self, call: Call) -> Sound:
        """What came to this side of a call until now."""
        port, until = call.port, call.ended_at or time.monotonic()
        packets = [each for each in list(self._packets) if each.port == port and call.begun_at <= each.at <= until]
        if not packets:
            return Sound(until, ())
        begins, last, place = packets[0].at, packets[0], 0
        samples: list[int] = []
        for packet in packets:
            place += (packet.stamp - last.stamp + 2**31) % 2**32 - 2**31
            came = round((packet.at - begins) * RATE)
            if packet.source != last.source or abs(came - place) > _RESYNC * RATE:
                place = came
            last = packet
            end = place + len(packet.sound)
            samples += [0] * (end - len(samples))
            samples[max(place, 0) : end] = [_LINEAR[byte] for byte in packet.sound[max(-place, 0) :]]
        return Sound(begins, tuple(samples))

    def _read(self) -> None:
        while not self._over.is_set():
            try:
                data, told, _, (_, _, way, *_) = self._socket.recvmsg(2048, 64)
            except TimeoutError:
                continue
            if way != _TO_HOST or len(data) < 40 or data[28] >> 6 != 2 or data[29] & 0x7F != _ALAW:
                continue
            seconds, nanoseconds = struct.unpack("ll", told[0][2][:16])
            _, _, stamp, source = struct.unpack("!HHII", data[28:40])
            port = int.from_bytes(data[22:24], "big")
            self._packets.append(Packet(seconds + nanoseconds / 1e9 - self._clock, port, source, stamp, data[40:]))


def _only_audio_to(wire: socket.socket, addresses: list[str]) -> None:
    """A filter in the kernel, or every packet of every lab on this machine would wake us (linux/filter.h)."""
    load_byte, load_half, load_word, equals, at_least, answer = 0x30, 0x28, 0x20, 0x15, 0x35, 0x06
    wanted = [int.from_bytes(socket.inet_aton(address), "big") for address in addresses]
    rows = [(load_byte, 0, 0, 9), (equals, 0, len(wanted) + 3, socket.IPPROTO_UDP)]
    rows += [(load_half, 0, 0, 22), (at_least, 0, len(wanted) + 1, _LOWEST_PORT), (load_word, 0, 0, 16)]
    rows += [(equals, len(wanted) - i, 0, address) for i, address in enumerate(wanted)]
    rows += [(answer, 0, 0, 0), (answer, 0, 0, 2048)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    wire.setsockopt(socket.SOL_SOCKET, _ATTACH_FILTER, struct.pack("HP", len(rows), ctypes.addressof(program)))


def _linear(byte: int) -> int:
    """A sample of A-law (ITU-T G.711) as 16 bit."""
    bits = byte ^ 0x55
    exponent, mantissa = bits >> 4 & 7, bits & 15
    size = (mantissa << 4) + 8 if exponent == 0 else ((mantissa << 4) + 0x108) << (exponent - 1)
    return size if bits & 0x80 else -size


_LINEAR = [_linear(byte) for byte in range(256)]

"""Telephones: the one on the office's desk, and the mobile in somebody's pocket."""

from __future__ import annotations

from tests.lab.call import Call
from tests.lab.party import Party

_PJSIP = """
[office](party)
context = called
aors = office
[office]
type = aor
contact = sip:{office}:5060
[everybody]
type = identify
endpoint = office
match = 127.0.{net}.0/255.255.255.0
"""


class Phone(Party):
    """A phone at 127.0.`net`.`last`. Who calls it does not matter; it calls by the office alone."""

    def __init__(self, name: str, net: int, last: int, rtp: int, *, tone: int, presses: str = "") -> None:
        self.presses = presses
        super().__init__(name, f"127.0.{net}.{last}", f"/lab/{net}/{name}", rtp, tone=tone)
        self.net = net

    def pjsip(self) -> str:
        return super().pjsip() + _PJSIP.format(net=self.net, office=f"127.0.{self.net}.1")

    def dials(self, number: str) -> Call:
        return self.originate(f"PJSIP/{number}@office", number)

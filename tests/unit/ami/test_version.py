"""Which versions of Asterisk leave a silent leg, and what `failover check` says of the others."""

from __future__ import annotations

import pytest

from router.ami.version import leaves_silent_legs
from router.check import version_findings
from tests.contract.fake_ami import FakeAmi, Headers, Session
from tests.contract.running_link import RunningLink


@pytest.mark.parametrize(
    "version",
    ["22.10.1~dfsg+~cs6.15.60671435-1", "22.0.0", "23.1.0", "21.2.0", "20.7.0", "20.15.2", "18.22.0", "18.26.4",
     "20.7-cert3", "certified/20.7-cert1", "GIT-22-1a2b3c", "22.11.0-rc1"],
)  # fmt: skip
def test_they_do_from_18_22_20_7_and_21_2_on(version: str) -> None:
    assert leaves_silent_legs(version) is True


@pytest.mark.parametrize(
    "version", ["16.28.0~dfsg-0+deb11u4", "13.38.3", "17.9.4", "18.21.1", "18.9-cert12", "19.8.1", "20.6.0", "21.1.0"]
)
def test_older_ones_do_not(version: str) -> None:
    assert leaves_silent_legs(version) is False


@pytest.mark.parametrize("version", ["", "SVN-trunk-r123", "GIT-master-1a2b3c", "GIT-20-1a2b3c"])
def test_of_others_it_cannot_be_told(version: str) -> None:
    assert leaves_silent_legs(version) is None


@pytest.mark.parametrize(
    ("version", "said"),
    [("22.10.1", None), ("20.6.0", "Asterisk 20.6.0 stays on a silent trunk"), ("GIT-master-1a2b", "cannot be told")],
)
async def test_the_check_says_so(version: str, said: str | None) -> None:
    def settings(session: Session, action: Headers) -> None:
        session.reply(action, ("AsteriskVersion", version))

    async with FakeAmi() as pbx, RunningLink(pbx.port) as running:
        pbx.answers["CoreSettings"] = settings
        await running.ready()
        found = await version_findings(running.link)

    assert len(found) == (said is not None)
    assert said is None or said in found[0]

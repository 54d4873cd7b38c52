"""The link keeps its secret, and panoramisk in its place."""

import ast
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.ami.link import LinkState
from tests.contract.fake_ami import FakeAmi
from tests.contract.running_link import RunningLink

ROUTER = Path(__file__).parents[3] / "router"


@pytest.fixture
async def pbx() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as pbx:
        yield pbx


async def test_the_secret_is_in_no_log_no_repr_and_no_error(pbx: FakeAmi, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with RunningLink(pbx.port) as running:
            await running.ready()
            pbx.session.cut()
            await running.lost()
            await running.ready()
        async with RunningLink(pbx.port, secret="s3cret-but-wrong") as running:
            await running.until(lambda: running.link.state is LinkState.REFUSED)
        async with RunningLink(pbx.port, secret="s3cret\r\n") as running:
            await running.down()
    assert len(pbx.logins) == 3
    assert "s3cret" not in caplog.text
    assert "s3cret" not in repr(running.link._account)
    assert "s3cret" not in "".join(reason for _, reason in running.told)


def test_what_panoramisk_logs_below_warning_is_dropped_and_the_rest_redacted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for name in ("panoramisk", "panoramisk.ami_protocol", "panoramisk.manager"):
            logging.getLogger(name).info("Secret: hunter1")
            logging.getLogger(name).error("Fail to send %r", {"Action": "Login", "Secret": "hunter2"})
    assert len(caplog.records) == 3
    assert "Login" in caplog.text
    assert "hunter" not in caplog.text


def test_panoramisk_is_known_to_one_file_only_and_only_as_a_codec() -> None:
    imports: dict[str, set[str]] = {}
    for path in ROUTER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found = {name for name in names if name.partition(".")[0] == "panoramisk"}
            if found:
                imports.setdefault(str(path.relative_to(ROUTER)), set()).update(found)
    assert imports == {"ami/link.py": {"panoramisk.actions", "panoramisk.message"}}
    loaded = "import sys, router.ami.link; print('panoramisk.testing' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", loaded], cwd=ROUTER.parent, capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"

"""Names that this machine knows by itself."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from router.internet.hosts import MOST_ADDRESSES, MOST_BYTES, Hosts


def hosts(tmp_path: Path, content: str | bytes) -> Hosts:
    file = tmp_path / "hosts"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return Hosts(file)


def test_names_as_the_file_has_them(tmp_path: Path) -> None:
    found = hosts(tmp_path, (
        "127.0.0.1\tlocalhost\n# 10.0.0.1 nobody\n192.168.1.50 gsm-gateway GSM.office.example. gsm # the one upstairs\n"
        "2001:db8::50 gsm-gateway\n\n"
    ))  # fmt: skip
    assert found.addresses("gsm-gateway") == ("192.168.1.50", "2001:db8::50")
    assert found.addresses("gsm.office.example") == ("192.168.1.50",)
    assert [found.addresses(name) for name in ("nobody", "office.example", "")] == [(), (), ()]


def test_it_is_read_again_when_it_changes(tmp_path: Path) -> None:
    found = hosts(tmp_path, "192.168.1.50 gsm\n")
    assert found.addresses("gsm") == ("192.168.1.50",)
    later = tmp_path / "later"
    later.write_text("192.168.1.51 gsm\n")
    later.replace(found.file)
    assert found.addresses("gsm") == ("192.168.1.51",)
    found.file.unlink()
    assert found.addresses("gsm") == ()
    hosts(tmp_path, "192.168.1.52 gsm\n")
    assert found.addresses("gsm") == ("192.168.1.52",)


def test_it_is_not_parsed_again_while_it_stays(tmp_path: Path) -> None:
    found = hosts(tmp_path, "192.168.1.50 gsm\n")
    found.addresses("gsm")
    known = found._known
    found.addresses("other")
    assert found._known is known


@pytest.mark.parametrize("content", ["", "192.168.1.50 elsewhere\n"])
def test_localhost_is_known_also_where_the_file_has_it_not(tmp_path: Path, content: str) -> None:
    found = hosts(tmp_path, content)
    assert found.addresses("localhost") == found.addresses("pbx.localhost") == ("127.0.0.1", "::1")
    assert found.addresses("notlocalhost") == ()


@pytest.mark.parametrize(
    "content",
    [
        b"\0\xff\xfe\n", b"gsm 192.168.1.50\n", b"999.1.1.1 gsm\n", b"192.168.1.50\n", b"fe80::1%\0 gsm\n",
        b"fe80::1%<script> gsm\n", b"192.168.1.50\rgsm", "١٩٢.168.1.50 gsm\n".encode(), b"3232235826 gsm\n",
    ],
)  # fmt: skip
def test_strange_content_is_left_out(tmp_path: Path, content: bytes) -> None:
    assert hosts(tmp_path, content).addresses("gsm") in ((), ("192.168.1.50",))
    if b"\r" not in content:
        assert hosts(tmp_path, content).addresses("gsm") == ()


def test_a_name_with_a_crowd_of_addresses(tmp_path: Path) -> None:
    crowd = "".join(f"10.0.{n // 250}.{n % 250} gsm\n" for n in range(2000))
    assert len(hosts(tmp_path, crowd).addresses("gsm")) == MOST_ADDRESSES


def test_a_huge_file_is_read_in_part(tmp_path: Path) -> None:
    """A list of advertisers of some megabytes would hold the loop up; the office's own names stand first."""
    found = hosts(tmp_path, "192.168.1.50 gsm\n" + "".join(f"0.0.0.0 ad{n}.example\n" for n in range(200_000)))
    assert found.addresses("gsm") == ("192.168.1.50",)
    assert found.addresses("ad199999.example") == ()
    assert 1000 < len(found._known) <= MOST_BYTES / len("0.0.0.0 ad0.example\n") + 1


def test_a_line_that_is_cut_off_by_the_limit_is_left_out(tmp_path: Path) -> None:
    content = "\n" * 100 + f"192.168.1.50 cut{'x' * MOST_BYTES}"
    cut = content[:MOST_BYTES].split()[1]
    assert hosts(tmp_path, content).addresses(cut) == ()
    assert hosts(tmp_path, content[: MOST_BYTES - 1]).addresses(cut[:-1]) == ("192.168.1.50",)


def test_this_machines_own() -> None:
    if socket.gethostname().lower() in Path("/etc/hosts").read_text().lower().split():
        assert Hosts().addresses(socket.gethostname().lower()) != ()
    assert Hosts().addresses("localhost") != ()

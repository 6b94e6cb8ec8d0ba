"""Files that name upstreams, on the disk."""

import os

import pytest

from fedresolver.plugins.forward.nameservers import LARGEST, read_nameservers
from fedresolver.upstream.resolv_conf import Nameservers


def test_a_file(tmp_path):
    file = tmp_path / "resolv.conf"
    file.write_bytes(b"# f\xfcr alle\nnameserver 192.0.2.1\nnameserver x\n")
    assert read_nameservers(str(file)) == Nameservers(
        ("192.0.2.1",), (f"{file}:3: `x` is no IP address; the line is left out",)
    )


def test_a_file_that_is_too_long(tmp_path):
    file = tmp_path / "resolv.conf"
    file.write_text("nameserver 192.0.2.1\n".ljust(LARGEST))
    assert read_nameservers(str(file)).addresses == ("192.0.2.1",)
    file.write_text("nameserver 192.0.2.1\n".ljust(LARGEST + 1))
    with pytest.raises(OSError, match="longer than 64 KiB"):
        read_nameservers(str(file))


def test_a_pipe_in_place_of_a_file_does_not_hold_us_up(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert read_nameservers(str(tmp_path / "pipe")) == Nameservers()


@pytest.mark.parametrize("path", ["/away/resolv.conf", "/etc", "a\0b"], ids=["away", "a folder", "no path"])
def test_what_is_no_file(path):
    with pytest.raises(OSError, match=r"."):
        read_nameservers(path)

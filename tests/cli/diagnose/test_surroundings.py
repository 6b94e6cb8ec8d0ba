"""What is seen of this machine, and what it stands for."""

import pytest

from fedresolver.cli.diagnose.surroundings import corefile, federations, is_this_machine, resolv_conf
from fedresolver.cli.diagnose.verdict import Unseen
from fedresolver.cli.diagnose.written import Written

POD = {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}


def test_a_file_that_is_named_is_read_anywhere(tmp_path):
    path = tmp_path / "pod.conf"
    path.write_text("nameserver 10.96.0.10\n")
    assert resolv_conf(str(path), {}, beside=True).nameservers == (("10.96.0.10", 53),)


def test_without_a_pod_our_own_file_says_nothing():
    assert resolv_conf(None, {}, beside=False).why.startswith("this runs in no pod")


def test_in_a_pod_our_own_file_counts():
    assert not isinstance(resolv_conf(None, POD, beside=False), Unseen)


def test_a_file_that_is_not_there(tmp_path):
    found = resolv_conf(str(tmp_path / "absent"), {}, beside=False)
    assert found == Unseen(f"{tmp_path}/absent cannot be read: No such file or directory")


@pytest.mark.parametrize(("host", "expected"), [("", False), ("fedresolver-7d9f", False)])
def test_other_machines(host, expected):
    assert is_this_machine(host) is expected


def test_the_federations_of_a_corefile(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(
        ". {\n federation prod example.com {\n  manifests .\n  cluster_domain c.example\n  local c1\n }\n whoami\n}\n"
    )
    (found,) = federations(str(path), {})
    assert (found.name, found.inside, found.local) == ("prod", "prod.svc.c.example.", "c1")
    assert federations(str(tmp_path / "absent"), {}) is None


def test_a_corefile(tmp_path):
    path = tmp_path / "Corefile"
    path.write_text(". {\n whoami\n}\n")
    assert corefile(str(path), "", {}) == Written(path=str(path))
    assert corefile(None, str(path), {}) == Written(path=str(path))
    assert corefile(None, str(tmp_path / "absent"), {}) == Unseen(
        f"there is no {tmp_path}/absent here; --conf names one"
    )

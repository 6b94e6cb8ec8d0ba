import pytest

from tests.tools import assets


def program(folder, name, prints):
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{prints}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """The folders of $KUBEBUILDER_ASSETS, of the path and of the cache, all empty."""
    envtest, path, home = (tmp_path / name for name in ("envtest", "path", "home"))
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(envtest))
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home))
    found = envtest, path, assets.MODULE.cache()
    for folder in found:
        folder.mkdir(parents=True)
    return found


@pytest.mark.parametrize("first", [0, 1, 2], ids=["KUBEBUILDER_ASSETS comes first", "then the path", "then the cache"])
def test_a_program_is_looked_for_in_order(folders, first):
    made = [program(folder, "kube-apiserver", "Kubernetes v1.34.4") for folder in folders[first:]]
    assert assets.find("kube-apiserver") == made[0]


def test_an_etcd_that_cannot_stream_lists_is_passed_over(folders):
    envtest, path, _ = folders
    program(envtest, "etcd", "etcd Version: 3.4.23")
    assert assets.find("etcd") is None
    new = program(path, "etcd", "etcd Version: 3.5.13")
    assert assets.find("etcd") == new


def test_the_module_says_which_kubernetes_it_is():
    assert assets.MODULE.required("k8s.io/kubernetes").startswith("v1.")

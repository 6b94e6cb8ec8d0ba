"""Federations of one server block beside each other."""

import pytest

from fedresolver.config.read import ConfigError
from tests.support.setup import plugin


def two(folder, first, second):
    """Set up two federations with these snapshots."""
    text = "".join(
        f"federation {name} {name}.example.com {{\nmanifests .\nsnapshot {snapshot}\n}}\n"
        for name, snapshot in (("shop", first), ("bank", second))
    )
    return plugin(text, file=str(folder / "Corefile"))


@pytest.mark.parametrize("second", ["state", "./state", "../{folder}/state", "{path}/state"])
def test_one_snapshot_of_two_federations_is_refused(second, tmp_path):
    with pytest.raises(ConfigError) as caught:
        two(tmp_path, "state", second.format(folder=tmp_path.name, path=tmp_path))
    assert "Corefile:6: federation bank has the snapshot " in str(caught.value)
    assert "of federation shop; give each federation a file of its own" in str(caught.value)


@pytest.mark.parametrize(
    ("first", "second", "wrong"),
    [
        pytest.param("shop shop", "", "is the zone shop. in which pods ask", id="the name itself"),
        pytest.param("shop shop.svc.cluster.local", "", "is the zone shop.svc.cluster.local.", id="where pods ask"),
        pytest.param("shop cluster.local", "", "is also its cluster domain", id="the cluster domain"),
        pytest.param("shop example.com", "bank shop", "of federation bank is the zone shop.", id="another's name"),
        pytest.param(
            "shop bank", "bank example.com", "of federation shop is the zone bank.", id="a name that comes later"
        ),
    ],
)
def test_a_public_domain_that_is_another_zone_is_refused(first, second, wrong, tmp_path):
    text = "".join(f"federation {head} {{\nmanifests .\n}}\n" for head in filter(None, (first, second)))
    with pytest.raises(ConfigError) as caught:
        plugin(text, file=str(tmp_path / "Corefile"))
    assert wrong in str(caught.value)
    assert "name a public domain that nothing else has" in str(caught.value)


@pytest.mark.parametrize("domain", ["fed.cluster.local", "svc.cluster.local", "bank.shop"])
def test_a_public_domain_may_be_beside_other_zones(domain, tmp_path):
    text = f"federation shop {domain} {{\nmanifests .\n}}\n"
    assert plugin(text, file=str(tmp_path / "Corefile")).wrap is not None


def test_two_federations_have_a_snapshot_each(tmp_path):
    assert two(tmp_path, "state", "state2").wrap is not None


def test_contexts_that_cannot_or_should_not_be_used_so_are_warnings(tmp_path):
    (tmp_path / "config").write_text(
        "clusters:\n- {name: k, cluster: {server: https://h, insecure-skip-tls-verify: true}}\n"
        "users:\n- {name: u, user: {exec: {command: /bin/cat, apiVersion: client.authentication.k8s.io/v1}}}\n"
        "contexts:\n- {name: c1, context: {cluster: k}}\n- {name: c2, context: {cluster: k, user: u}}\n- {name: c3}\n"
    )
    corefile = tmp_path / "Corefile"
    text = "federation myfederation example.com {\nmanifests .\nkubeconfig config c1\nkubeconfig config c2 c3\n}"
    config = f"{tmp_path}/config"
    assert plugin(text, file=str(corefile)).warnings == (
        f"{corefile}:4: {config}: context c1: the server's certificate is not verified (insecure-skip-tls-verify)",
        f"{corefile}:5: {config}: context c2: credential plugin /bin/cat is not allowed; write `exec /bin/cat` to allow it",
        f"{corefile}:5: {config}: context c3: there is no cluster ''",
    )
    assert len(plugin(text.replace("\n}", "\nexec /bin/cat\n}"), file=str(corefile)).warnings) == 3

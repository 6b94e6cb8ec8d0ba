"""A Corefile without secrets."""

import pytest

from fedresolver.cli.gather.harmless import corefile, variables
from fedresolver.plugins import ORDER
from tests.support.manuals import examples, manual

SECRETS = ("hunter2", "bm90IGEgc2VjcmV0LCBhIHNlY3JldCE=", "e5e973e5a6b2a43f48e7dc849e37bfcf", "swordfish", "tokentoken")
TEXT = """
# the password is hunter2
.:53, tls://example.org {
    tsig {
        secret key.example.org. bm90IGEgc2VjcmV0LCBhIHNlY3JldCE= hmac-sha256
        require all
    }
    cookie e5e973e5a6b2a43f48e7dc849e37bfcf {
        rotate 1h
    }
    forward . https://user:swordfish@192.0.2.53 192.0.2.54 {
        max_fails 2
    }
    federation {$NAME} example.com {
        kubeconfig /etc/fedresolver/kubeconfig gce
        ttl 180
        unknown hunter2 {
            ttl 5
        }
    }
    secret {$SECRET}
    hunter2 tokentoken
    log . "hunter2 {remote}"
}
"""
KEPT = """.:53, tls://example.org {
    tsig {
        secret *** *** ***
        require all
    }
    cookie *** {
        rotate 1h
    }
    forward . *** 192.0.2.54 {
        max_fails 2
    }
    federation {$NAME} example.com {
        kubeconfig /etc/fedresolver/kubeconfig gce
        ttl 180
        *** *** {
            ttl 5
        }
    }
    secret ***
    *** ***
    log *** ***
}
"""


def test_only_what_is_harmless_is_kept():
    assert corefile(TEXT) == KEPT
    assert [secret for secret in SECRETS if secret in corefile(TEXT)] == []


def test_what_is_no_corefile_is_left_out():
    assert "hunter2" not in corefile('. {\n    log "hunter2\n}\n')


def test_the_names_of_variables():
    assert variables("a {$ONE} {%TWO%} x{$ONE}y {$}") == ("ONE", "TWO")


@pytest.mark.parametrize("name", ORDER)
def test_directives_are_named(name):
    """A directive that is new is either harmless or known to have secrets."""
    assert corefile(f". {{\n    {name} x {{\n    }}\n}}\n").splitlines()[1].split()[0] == name


@pytest.mark.parametrize("name", [name for name in ORDER if name not in ("tsig", "cookie", "log", "chaos", "file")])
def test_examples_of_manuals_are_readable(name):
    for text in examples(manual(name)):
        assert name in corefile(text)

"""The zone files that users read, copy and serve are in order, for BIND too."""

import subprocess

import pytest

from fedresolver.cli.demo import world
from fedresolver.plugins.file.disk import Disk
from fedresolver.wire.name import from_text
from fedresolver.zone.text.read import read_zone
from tests.support.manuals import ROOT

FOLDER = ROOT / "zonefiles"
ZONES = {"acme.com.zone": "acme.com", "template.zone": "example.org"}


def test_each_zone_file_is_tested_here_and_in_the_manual():
    assert {path.name for path in FOLDER.glob("*.zone")} == set(ZONES)
    manual = (FOLDER / "README.md").read_text()
    assert all(f"`{file}`" in manual for file in ZONES)


@pytest.mark.parametrize(("file", "zone"), ZONES.items())
def test_a_zone_file_is_good_and_nothing_in_it_is_odd(file, zone):
    assert read_zone(str(FOLDER / file), from_text(zone), Disk()).warnings == ()


@pytest.mark.parametrize(("file", "zone"), ZONES.items())
def test_a_zone_file_is_good_for_bind(file, zone):
    done = subprocess.run(
        ("named-checkzone", "-i", "local", zone, str(FOLDER / file)), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "OK")


def test_the_demo_serves_the_file_that_users_see(tmp_path):
    world.write(tmp_path)
    assert (tmp_path / world.ZONE_FILE).read_bytes() == (FOLDER / world.ZONE_FILE).read_bytes()

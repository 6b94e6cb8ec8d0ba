"""Values that are wrong stop helm, and it says which."""

import json
import subprocess

import pytest
import yaml

from deploy.render import FOLDER, template
from tests.deploy.values import TOLD, joined

SCHEMA = json.loads((FOLDER / "chart" / "values.schema.json").read_text())
VALUES = yaml.safe_load((FOLDER / "chart" / "values.yaml").read_text())


@pytest.mark.parametrize(
    ("values", "complaints"),
    [
        pytest.param(joined({"replicsa": 3}), ["additional properties 'replicsa' not allowed"], id="a typo"),
        pytest.param(
            joined({"federation": {"memeber": "x"}}),
            ["at '/federation'", "additional properties 'memeber' not allowed"],
            id="a typo within",
        ),
        pytest.param(
            joined({"image": {"repo": "x"}}), ["at '/image'", "additional properties 'repo' not allowed"], id="an image"
        ),
        pytest.param(joined({"replicas": "2"}), ["at '/replicas'", "want integer"], id="a number in quotes"),
        pytest.param(joined({"federation": {"select": "some"}}), ["at '/federation/select'"], id="an unknown choice"),
        pytest.param(
            joined({"ports": {"dns": 53}}), ["at '/ports/dns'", "minimum"], id="a port that needs a capability"
        ),
        pytest.param(joined({"user": 0}), ["at '/user'", "minimum"], id="root"),
        pytest.param(
            joined({"federation": {"member": "a } b"}}), ["at '/federation/member'"], id="what would break the Corefile"
        ),
        pytest.param({}, ["federation.name is not set", "--set federation.name=myfederation"], id="nothing said"),
        pytest.param(
            {"federation": {**TOLD["federation"], "domain": ""}}, ["federation.domain is not set"], id="no domain"
        ),
        pytest.param(
            {"federation": {**TOLD["federation"], "member": ""}}, ["federation.member is not set"], id="no member"
        ),
    ],
)
def test_what_is_wrong_is_said(helm, tmp_path, values, complaints):
    path = tmp_path / "values.yaml"
    path.write_text(yaml.safe_dump(values))
    with pytest.raises(subprocess.CalledProcessError) as failed:
        template(helm, "fedresolver", path)
    assert [complaint for complaint in complaints if complaint not in failed.value.stderr] == []


def test_helm_finds_nothing_wrong_with_the_chart(helm):
    values = FOLDER / "values" / "manifest.yaml"
    command = [helm, "lint", "--strict", str(FOLDER / "chart"), f"--values={values}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_value_is_in_the_schema_and_the_other_way_round():
    def names(schema, values, at=""):
        known = set(schema["properties"]) - {"global"}
        assert known == set(values), at
        for key in known:
            if "properties" in schema["properties"][key] and at + key != "resources":
                names(schema["properties"][key], values[key], f"{at}{key}.")

    names(SCHEMA, VALUES)


def test_no_object_of_the_schema_is_open_by_accident():
    def open_ones(schema, at="."):
        if "properties" in schema and schema.get("additionalProperties") is not False:
            yield at
        for key, inner in schema.get("properties", {}).items():
            yield from open_ones(inner, f"{at}{key}.")

    assert list(open_ones(SCHEMA)) == []

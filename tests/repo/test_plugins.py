"""Every plugin has the same shape, and its manual says what it reads."""

import re
from importlib import import_module
from inspect import signature

import pytest

from fedresolver.chain.plugin import Plugin
from fedresolver.config.corefile import parse as parse_corefile
from fedresolver.config.read import ConfigError, Stanza, Token
from fedresolver.plugins import ORDER, set_up
from tests.support.manuals import PLUGINS, ROOT, examples, manual, sections

FIRST = ["Name", "Description", "Syntax", "Examples"]
THEN = ["Metrics", "Ready", "Bugs", "See Also"]
ENVIRON = {"METRICS_PORT": "9253"}


class EmptyFiles:
    """A file system in which every pattern is one empty file."""

    def read(self, path):
        return ""

    def glob(self, pattern):
        return (pattern.replace("*", "x"),)


def stanzas(text, folder):
    """Return the stanzas of a Corefile in `folder`."""
    corefile = parse_corefile(text, str(folder / "Corefile"), EmptyFiles(), ENVIRON)
    return [stanza for block in corefile.blocks for stanza in block.stanzas]


def parse(stanza):
    """Return what the plugin of a stanza makes of it."""
    reader = import_module(f"fedresolver.plugins.{stanza.text}.setup").parse
    return reader(stanza, {}) if len(signature(reader).parameters) == 2 else reader(stanza)


def test_the_order_names_every_plugin_once():
    folders = [path.name for path in PLUGINS.iterdir() if (path / "__init__.py").exists()]
    assert sorted(ORDER) == sorted(folders)


@pytest.mark.parametrize("name", ORDER)
class TestPlugin:
    def test_it_has_the_files_that_all_have(self, name):
        assert {"__init__.py", "setup.py", "README.md"} <= {path.name for path in (PLUGINS / name).iterdir()}

    def test_it_is_set_up_by_a_function_from_setup_to_plugin(self, name):
        assert signature(set_up(name)).return_annotation is Plugin

    def test_it_has_tests(self, name):
        assert list((ROOT / "tests" / "plugins" / name).glob("test_*.py"))

    def test_its_manual_has_the_sections_in_order(self, name):
        titles = list(sections(manual(name)))
        assert titles[:4] == FIRST
        assert titles[4:] == [title for title in THEN if title in titles]

    def test_its_manual_begins_with_its_name(self, name):
        assert manual(name).startswith(f"# {name}\n\n## Name\n\n*{name}* - ")

    def test_its_manual_has_an_example_of_it(self, name, tmp_path):
        found = [stanza for text in examples(manual(name)) for stanza in stanzas(text, tmp_path)]
        assert name in {stanza.text for stanza in found}

    def test_its_syntax_has_every_option_that_it_reads(self, name, tmp_path):
        syntax = sections(manual(name))["Syntax"]
        found = [stanza for text in examples(manual(name)) for stanza in stanzas(text, tmp_path)]
        known = {option for stanza in found if stanza.text == name for option in options(stanza)}
        assert {option for option in known if f"`{option}`" not in syntax} == set()


def options(stanza):
    """Return the options that a plugin knows, from the error for one that it does not."""
    unknown = Stanza(Token("zzzzzzzzzz", stanza.file, stanza.line))
    try:
        parse(Stanza(stanza.name, stanza.args, (unknown,)))
    except ConfigError as error:
        _, _, known = str(error.errors[0]).partition("unknown option `zzzzzzzzzz`; known here: ")
        return re.findall(r"`([^`]+)`", known)
    raise AssertionError(f"{stanza.text} takes any option")


def test_an_unknown_plugin_is_not_set_up():
    with pytest.raises(KeyError):
        set_up("os")

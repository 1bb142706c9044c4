"""Options of a program that it looks up through functions of its own: the file, the section and the entry are told by
whoever calls these, and what was read lies in a mapping that gives its entries as attributes."""

from __future__ import annotations

import pytest
from source_trees import Seen, see

CONF = "[backend]\nbilling_url = http://billing:5000\nsysops_port = 81\n"
"""The settings of the container, in a folder from which they are copied to the root of its file system."""
READER = """
    import configparser

    class Options:
        def __init__(self, path=None):
            self.path = path or "/etc/shop/shop.conf"

        def read(self):
            parser = configparser.ConfigParser()
            parser.read(self.path)
            return parser
"""
GIVEN = {
    "the entry, from a parser of the module": """
        import configparser, requests
        parser = configparser.ConfigParser()
        parser.read("/etc/shop/shop.conf")

        def option(section, name, default=None):
            return parser.get(section, name, fallback=default)

        def pay():
            return requests.post(option("backend", "billing_url") + "/pay")  # SITE
        """,
    "the entry, by items": """
        import configparser, requests
        parser = configparser.ConfigParser()
        parser.read("/etc/shop/shop.conf")

        def option(section, name):
            return parser[section][name]

        def pay():
            return requests.post(option("backend", "billing_url") + "/pay")  # SITE
        """,
    "the entry, of a YAML file": """
        import requests, yaml
        with open("/etc/shop/settings.yaml") as file:
            loaded = yaml.safe_load(file)

        def option(section, name):
            return loaded[section][name]

        def pay():
            return requests.post(option("backend", "billing_url") + "/pay")  # SITE
        """,
    "the file, by whoever makes the reader": """
        import requests
        from customer.reader import Options

        def pay():
            parser = Options().read()
            return requests.post(parser.get("backend", "billing_url") + "/pay")  # SITE
        """,
    "a port that is a number": """
        import requests
        from customer.reader import Options

        def pay():
            parser = Options().read()
            port = parser.getint("backend", "sysops_port")
            return requests.post(f"http://sysops:{port}/pay")  # SYSOPS
        """,
}


def tree(text: str, conf: str = CONF) -> Seen:
    yaml = conf.replace("[backend]", "backend:").replace("\n", "\n  ").rstrip(" ")
    files = {"customer/app.py": text, "customer/reader.py": READER, "billing/app.py": "", "sysops/app.py": ""}
    return see(files | {"deploy/etc/shop/shop.conf": conf, "deploy/etc/shop/settings.yaml": yaml.replace(" = ", ": ")})


@pytest.mark.parametrize("case", GIVEN)
def test_what_a_caller_names_is_looked_up(case: str) -> None:
    seen = tree(GIVEN[case])
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.sites("sysops") == seen.marked("SYSOPS")
    assert not seen.unresolved()


@pytest.mark.parametrize("case", list(GIVEN)[:4])
def test_an_entry_that_the_file_does_not_have_is_unresolved(case: str) -> None:
    seen = tree(GIVEN[case], CONF.replace("billing_url", "other_url"))
    assert seen.unresolved("request")
    assert not [one for one in seen.crossings() if one.target == "billing" and one.confidence == "high"]


def test_a_file_that_nobody_names_is_unresolved() -> None:
    seen = tree("""
        import configparser, requests
        def load(path):
            parser = configparser.ConfigParser()
            parser.read(path)
            return requests.post(parser.get("backend", "billing_url") + "/pay")
        """)
    assert not seen.sites("billing")
    assert seen.unresolved("request")


MAPPING = """
    import requests
    from {module} import {name}

    def options():
        opts = {name}(base="http://billing:5000")
        opts.more = "http://sysops:81"
        opts["path"] = "/pay"
        return opts

    def pay(opts):
        requests.post(opts.base + opts.path)  # SITE
        requests.post(opts["more"] + "/refund")  # SYSOPS

    if __name__ == "__main__":
        pay(options())
"""


@pytest.mark.parametrize(
    ("module", "name"),
    [("munch", "Munch"), ("easydict", "EasyDict"), ("addict", "Dict"), ("box", "Box"), ("attrdict", "AttrDict")],
)
def test_mappings_that_give_their_entries_as_attributes(module: str, name: str) -> None:
    seen = tree(MAPPING.format(module=module, name=name))
    assert seen.sites("billing") == {"customer/app.py:15"}
    assert seen.sites("sysops") == {"customer/app.py:15"}
    assert not seen.unresolved()


def test_an_attribute_that_was_never_put_there_is_unresolved() -> None:
    seen = tree(MAPPING.format(module="munch", name="Munch").replace("opts.base +", "opts.elsewhere +"))
    assert not seen.sites("billing")
    assert seen.unresolved("request")


def test_entries_that_nobody_reads_say_nothing() -> None:
    assert tree(MAPPING.format(module="munch", name="Munch").partition("    def pay")[0]).silent()

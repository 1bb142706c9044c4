"""What an annotation of a local name says of an object that a framework hands over."""

from __future__ import annotations

import pytest
from source_trees import customer

ASKING = 'requests.get(f"http://{host}/cards")'
CODE = """
    import abc
    import lightbot
    import requests

    class Api{bases}:
        def ask(self, host):
            {here}

    class Remote(Api):
        def ask(self, host):
            {below}

    @lightbot.command("go")
    def go(context):
        api: Api = context.bot.extra
        api.ask("billing")  # SITE
    """


@pytest.mark.parametrize("bases", ["(abc.ABC)", "(metaclass=abc.ABCMeta)"])
def test_an_abstract_type_stands_for_the_classes_that_extend_it(bases: str) -> None:
    seen = customer(CODE.format(bases=bases, here="raise NotImplementedError", below=ASKING))
    assert seen.sites("billing") == seen.marked()


def test_any_other_type_stands_for_itself() -> None:
    seen = customer(CODE.format(bases="", here=ASKING, below="return host"))
    assert seen.sites("billing") == seen.marked()


def test_a_type_that_asks_nobody_stays_silent() -> None:
    seen = customer(
        """
        import lightbot

        class Api:
            def ask(self):
                return 1

        @lightbot.command("go")
        def go(context):
            api: Api = context.bot.extra
            api.ask()
        """
    )
    assert not seen.crossings()

"""Shapes of event-driven systems and of repositories that hold several services."""

from __future__ import annotations

from source_trees import see

URL_SETTINGS = """
    class Settings:
        url = "http://{host}/"

    settings = Settings()
"""
POSTS_TO_SETTINGS = """
    import requests
    from config import settings

    def go():
        requests.post(settings.url)  # SITE
"""


def test_a_module_beside_the_importer_is_meant_before_another_quantums_of_the_same_name() -> None:
    seen = see(
        {
            "customer/__init__.py": "",
            "customer/main.py": POSTS_TO_SETTINGS,
            "customer/config.py": URL_SETTINGS.format(host="billing"),
            "sysops/app/core/config.py": URL_SETTINGS.format(host="sysops"),
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.to() == {"billing"}


def test_a_module_that_imports_its_own_name_means_the_library() -> None:
    seen = see(
        {
            "customer/__init__.py": "",
            "customer/clients/__init__.py": "",
            "customer/clients/messages.py": """
                from messages import Client

                client = Client("billing")
                """,
        }
    )
    assert [(one.what, one.why) for one in seen.unresolved()] == [
        ("messages.Client(…)", "nothing is known of the library messages")
    ]

"""Shapes of event-driven systems and of repositories that hold several services."""

from __future__ import annotations

import pytest
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


SUBSCRIBER = """
    import nats

    async def handle(message):
        print(message)

    async def main():
        client = await nats.connect("nats://mq")
        await client.subscribe("jobs", cb=handle)
"""
SERVERS = {
    "an item set at start": """
        import nats
        from aiohttp import web

        async def post(request):
            await request.app["mq"].publish("jobs", b"x")  # SITE

        async def start(app):
            app["mq"] = await nats.connect("nats://mq")

        app = web.Application()
        app.on_startup.append(start)
        app.add_routes([web.post("/jobs", post)])
        """,
    "an item of an item, set by a task": """
        import asyncio

        import nats
        from aiohttp import web

        routes = web.RouteTableDef()

        @routes.post("/jobs")
        async def post(request):
            await request.app["state"]["mq"].publish("jobs", b"x")  # SITE

        async def connect(app):
            mq = nats.NATS()
            await mq.connect("mq:4222")
            app["state"]["mq"] = mq

        async def start(app):
            asyncio.get_event_loop().create_task(connect(app))

        app = web.Application()
        app["state"] = {}
        app.on_startup.append(start)
        """,
    "a typed key, set by a context": """
        import nats
        from aiohttp import web

        MQ = web.AppKey("mq", nats.NATS)

        async def post(request):
            mq = request.app[MQ]
            await mq.publish("jobs", b"x")  # SITE

        async def context(app):
            app[MQ] = await nats.connect("nats://mq")
            yield
            await app[MQ].close()

        def make():
            app = web.Application()
            app.cleanup_ctx.append(context)
            app.router.add_post("/jobs", post)
            return app
        """,
    "a dictionary that another function fills": """
        import nats

        async def connect(parts):
            parts["mq"] = await nats.connect("nats://mq")

        async def go():
            parts = {}
            await connect(parts)
            await parts["mq"].publish("jobs", b"x")  # SITE
        """,
}


@pytest.mark.parametrize("where", SERVERS)
def test_a_client_that_a_server_keeps_among_its_items_is_found(where: str) -> None:
    seen = see({"customer/app.py": SERVERS[where], "billing/worker.py": SUBSCRIBER})
    assert seen.sites("billing") == seen.marked("SITE"), [f"{one.place} {one.why}" for one in seen.unresolved()]


def test_an_item_that_was_never_set_is_not_another_one() -> None:
    text = SERVERS["an item set at start"].replace('request.app["mq"]', 'request.app["other"]')
    assert see({"customer/app.py": text, "billing/worker.py": SUBSCRIBER}).to() == set()


MEASURES = """
    import paho.mqtt.client as mqtt

    client = mqtt.Client("sensor")
    client.connect("mq", 1883)
    client.publish("sensors/heat", "20")  # SITE
"""
SUBSCRIBES = """
    import paho.mqtt.client as mqtt

    def on_connect(client, userdata, flags, code):
        client.subscribe("TOPIC")

    def on_message(client, userdata, message):
        print(message.payload)

    def main():
        client = mqtt.Client()
        client.on_connect = on_connect
        client.on_message = on_message
        client.connect("mq", 1883)
        client.loop_forever()
"""


@pytest.mark.parametrize(("topic", "arrives"), [("sensors/#", True), ("sensors/heat", True), ("doors/#", False)])
def test_a_subscription_made_when_the_client_connects_is_found(topic: str, arrives: bool) -> None:
    seen = see({"customer/app.py": MEASURES, "billing/worker.py": SUBSCRIBES.replace("TOPIC", topic)})
    assert seen.sites("billing") == (seen.marked("SITE") if arrives else set())

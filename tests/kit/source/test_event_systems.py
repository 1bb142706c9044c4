"""Shapes of event-driven systems and of repositories that hold several services."""

from __future__ import annotations

import pytest
from source_trees import architecture, see

from quantafit.model import Quantum

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


CONSUMES_TOPIC = """
    from faststream.kafka import KafkaBroker

    broker = KafkaBroker("kafka:9092")

    @broker.subscriber("letters", "jobs")
    async def handle(message):
        print(message)
"""
PORT = """
    from typing import Generic, Protocol, TypeVar

    from kafka import KafkaProducer

    T = TypeVar("T")

    class Bus(BASE):
        def send(self, message): ...

    class KafkaBus(Bus):
        def __init__(self, producer: KafkaProducer):
            self.producer = producer

        def send(self, message):
            self.producer.send("jobs", message)  # SITE

    class Service:
        def __init__(self, bus: Bus):
            self.bus = bus

        def run(self):
            self.bus.send(b"x")
"""


@pytest.mark.parametrize("base", ["Protocol", "Protocol[T]", "Generic[T]", ""])
def test_an_adapter_that_extends_its_port_is_found_behind_it(base: str) -> None:
    seen = see({"customer/app.py": PORT.replace("BASE", base), "billing/worker.py": CONSUMES_TOPIC})
    assert seen.sites("billing") == seen.marked("SITE")


CONTAINERS = {
    "dependency-injector": """
        from dependency_injector import containers, providers
        from dependency_injector.wiring import Provide, inject
        from fastapi import APIRouter, Depends
        from kafka import KafkaProducer

        class Bus:
            def __init__(self, producer, topic):
                self.producer = producer
                self.topic = topic

            def send(self, message):
                self.producer.send(self.topic, message)

        def connected(servers):
            producer = KafkaProducer(bootstrap_servers=servers)
            yield producer
            producer.close()

        class Container(containers.DeclarativeContainer):
            config = providers.Configuration()
            producer = providers.Resource(connected, servers=config.kafka.servers)
            bus = providers.Factory(Bus, producer=producer, topic="jobs")

        router = APIRouter()

        @router.post("/jobs")
        @inject
        def post(bus: Bus = Depends(Provide[Container.bus])):
            bus.send(b"x")  # SITE

        def main():
            container = Container()
            container.wire(modules=[__name__])
            container.bus().send(b"x")  # SITE
        """,
    "dishka": """
        from dishka import FromDishka, Provider, Scope, make_async_container, provide
        from dishka.integrations.fastapi import inject
        from fastapi import APIRouter
        from faststream.kafka import KafkaBroker

        class Bus:
            def __init__(self, broker: KafkaBroker):
                self.broker = broker

            async def send(self, topic, message):
                await self.broker.publish(message, topic=topic)

        class Parts(Provider):
            scope = Scope.APP
            bus = provide(Bus)

            @provide
            async def broker(self) -> KafkaBroker:
                return KafkaBroker("kafka:9092")

        router = APIRouter()

        @router.post("/jobs")
        @inject
        async def post(bus: FromDishka[Bus]):
            await bus.send("jobs", b"x")  # SITE

        async def main():
            container = make_async_container(Parts())
            async with container() as request:
                bus = await request.get(Bus)
                await bus.send("jobs", b"x")  # SITE
        """,
    "punq": """
        import punq
        from kafka import KafkaProducer

        class Bus:
            def __init__(self, producer: KafkaProducer):
                self.producer = producer

            def send(self, topic, message):
                self.producer.send(topic, message)

        container = punq.Container()
        container.register(KafkaProducer, instance=KafkaProducer())
        container.register(Bus)

        def main():
            container.resolve(Bus).send("jobs", b"x")  # SITE
        """,
    "lagom": """
        from kafka import KafkaProducer
        from lagom import Container

        class Bus:
            def __init__(self, producer: KafkaProducer):
                self.producer = producer

            def send(self, topic, message):
                self.producer.send(topic, message)

        container = Container()
        container[KafkaProducer] = lambda: KafkaProducer()

        def main():
            container[Bus].send("jobs", b"x")  # SITE
        """,
    "injector": """
        from injector import Injector, Module, inject, provider, singleton
        from kafka import KafkaProducer

        class Bus:
            @inject
            def __init__(self, producer: KafkaProducer):
                self.producer = producer

            def send(self, topic, message):
                self.producer.send(topic, message)

        class Parts(Module):
            @singleton
            @provider
            def producer(self) -> KafkaProducer:
                return KafkaProducer()

        def main():
            Injector([Parts()]).get(Bus).send("jobs", b"x")  # SITE
        """,
}


@pytest.mark.parametrize("library", CONTAINERS)
def test_what_a_container_puts_together_is_followed(library: str) -> None:
    seen = see({"customer/app.py": CONTAINERS[library], "billing/worker.py": CONSUMES_TOPIC})
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.unresolved() == []


STREAMS = {
    "a publisher as an object": """
        from faststream.kafka import KafkaBroker

        broker = KafkaBroker("kafka:9092")
        jobs = broker.publisher("jobs")

        async def go():
            await jobs.publish({"id": 1})  # SITE
        """,
    "several messages at once": """
        from faststream.kafka import KafkaBroker

        broker = KafkaBroker("kafka:9092")

        async def go():
            await broker.publish_batch("a", "b", topic="jobs")  # SITE
        """,
    "the broker of a FastAPI router": """
        from typing import Annotated

        from fastapi import Depends
        from faststream.kafka.fastapi import KafkaBroker, KafkaRouter

        router = KafkaRouter("kafka:9092")

        def broker() -> KafkaBroker:
            return router.broker

        @router.post("/jobs")
        async def post(broker: Annotated[KafkaBroker, Depends(broker)]):
            await broker.publish("a", "jobs")  # SITE
        """,
    "the broker of the application": """
        from faststream.asgi import AsgiFastStream
        from faststream.kafka import KafkaBroker

        app = AsgiFastStream(KafkaBroker("kafka:9092"))

        @app.after_startup
        async def go():
            await app.broker.publish("a", topic="jobs")  # SITE
        """,
}


@pytest.mark.parametrize("how", STREAMS)
def test_what_faststream_publishes_is_found(how: str) -> None:
    seen = see({"customer/app.py": STREAMS[how], "billing/worker.py": CONSUMES_TOPIC})
    assert seen.sites("billing") == seen.marked("SITE")
    assert seen.unresolved() == []


ASKS = """
    import nats

    async def go():
        client = await nats.connect("nats://mq")
        answer = await client.request("jobs", b"x")  # SITE
        return answer.data
"""
ANSWERS = """
    import nats

    async def main():
        client = await nats.connect("nats://mq")

        async def handle(message):
            await client.publish(message.reply, b"done")

        await client.subscribe("jobs", cb=handle)
"""


def test_an_answer_belongs_to_the_request_that_somebody_waits_for() -> None:
    seen = see({"customer/app.py": ASKS, "billing/worker.py": ANSWERS})
    assert seen.sites("billing") == seen.marked("SITE")
    assert [one.communication.value for one in seen.crossings()] == ["synchronous"]
    assert seen.crossings("billing") == []
    assert seen.unresolved(quantum="billing") == []


CALLS_PORT = """
    import requests

    def go():
        requests.get("http://localhost:5001/jobs")  # SITE
"""
LISTENS = {
    "flask": ("from flask import Flask\n\napp = Flask(__name__)\napp.run(port=5001)\n", True),
    "flask by position": ('from flask import Flask\n\napp = Flask(__name__)\napp.run("0.0.0.0", 5001)\n', True),
    "uvicorn": ('import uvicorn\n\nuvicorn.run("app:app", host="0.0.0.0", port=5001)\n', True),
    "an uvicorn server": ("import uvicorn\n\nuvicorn.Server(uvicorn.Config(None, port=5001)).run()\n", True),
    "aiohttp": ("from aiohttp import web\n\nweb.run_app(web.Application(), port=5001)\n", True),
    "a variable with a default": (
        'import os\n\nimport uvicorn\n\nuvicorn.run("app:app", port=int(os.getenv("PORT", "5001")))\n',
        True,
    ),
    "another port": ("from flask import Flask\n\nFlask(__name__).run(port=5002)\n", False),
    "the default of a server": ("from flask import Flask\n\nFlask(__name__).run()\n", False),
}


@pytest.mark.parametrize("server", LISTENS)
def test_an_address_of_this_machine_leads_to_the_quantum_that_serves_at_its_port(server: str) -> None:
    text, is_it = LISTENS[server]
    seen = see({"customer/app.py": CALLS_PORT, "billing/app.py": text})
    assert seen.sites("billing") == (seen.marked("SITE") if is_it else set())
    assert bool(seen.unresolved("request")) is not is_it


SERVES_JOBS = """
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/jobs")
    def jobs():
        return []
"""


def test_who_alone_serves_a_path_is_guessed_for_an_address_of_this_machine() -> None:
    seen = see({"customer/app.py": CALLS_PORT, "billing/app.py": SERVES_JOBS})
    assert [(one.target, one.confidence) for one in seen.crossings()] == [("billing", "medium")]
    assert ["only guessed from the path /jobs" in one.why for one in seen.unresolved("request")] == [True]
    both = see({"customer/app.py": CALLS_PORT, "billing/app.py": SERVES_JOBS, "sysops/app.py": SERVES_JOBS})
    assert both.to() == set()
    own = see({"customer/app.py": CALLS_PORT + SERVES_JOBS, "billing/app.py": SERVES_JOBS})
    assert [(one.target, one.confidence) for one in own.crossings()] == [("billing", "low")]
    assert own.unresolved("request")


def test_a_port_that_two_quanta_serve_at_is_neithers() -> None:
    text = LISTENS["flask"][0]
    seen = see({"customer/app.py": CALLS_PORT, "billing/app.py": text, "sysops/app.py": text})
    assert seen.to() == set()
    assert [one.why for one in seen.unresolved("request")] == ["an address of the machine itself"]


ON_THE_PATH = """
    import sys
    from pathlib import Path

    sys.path.insert(0, str(Path(__file__).parent.parent / "FOLDER"))

    from messages import send

    def go():
        send("jobs")  # SITE
"""
SENDS_TO = """
    from kafka import KafkaProducer

    def send(topic):
        KafkaProducer().send(topic, b"x")
"""


def test_shared_code_is_found_where_it_is_put_on_the_path() -> None:
    seen = see(
        {
            "customer/app.py": ON_THE_PATH.replace("FOLDER", "shared"),
            "shared/__init__.py": "",
            "shared/messages.py": SENDS_TO,
            "billing/worker.py": CONSUMES_TOPIC,
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")


@pytest.mark.parametrize(("said", "found"), [("parts", True), ("others", False)])
def test_a_package_of_the_quantum_is_on_the_path_only_where_the_code_says_so(said: str, found: bool) -> None:
    seen = see(
        {
            "customer/app.py": ON_THE_PATH.replace("FOLDER", said),
            "customer/parts/__init__.py": "",
            "customer/parts/messages.py": SENDS_TO,
            "billing/worker.py": CONSUMES_TOPIC,
        }
    )
    assert seen.sites("billing") == (seen.marked("SITE") if found else set())
    assert bool(seen.unresolved()) is not found


WORKER = {
    "customer/services.py": """
        from kafka import KafkaProducer

        def announce(topic):
            KafkaProducer().send(topic, b"x")
        """,
    "customer/worker.py": """
        from customer.services import announce

        def work():
            announce("jobs")  # SITE
        """,
    "billing/worker.py": CONSUMES_TOPIC,
}


def test_a_script_in_the_folder_of_another_quantum_runs_the_same_code() -> None:
    quanta = (
        Quantum("customer", ("customer",)),
        Quantum("worker", ("customer/worker.py",)),
        Quantum("billing", ("billing",)),
    )
    seen = see(WORKER, architecture(quanta))
    assert seen.sites("billing", "worker") == seen.marked("SITE")
    assert seen.evidence.imports == ()


def test_a_folder_inside_the_folder_of_another_quantum_is_code_of_its_own() -> None:
    quanta = (
        Quantum("customer", ("customer",)),
        Quantum("worker", ("customer/jobs",)),
        Quantum("billing", ("billing",)),
    )
    seen = see(WORKER | {"customer/jobs/worker.py": WORKER["customer/worker.py"]}, architecture(quanta))
    assert {(one.source, one.target) for one in seen.evidence.imports} == {("worker", "customer")}


def test_a_field_that_is_made_from_itself_keeps_what_it_was_made_from() -> None:
    seen = see(
        {
            "customer/app.py": """
                import requests

                class Api:
                    def __init__(self, url):
                        self.url = url

                    def get(self):
                        return requests.get(self.url)

                    def get_with(self, **words):
                        self.url = f"{self.url}?{words}"
                        return self.get()

                def go():
                    Api("http://billing/invoices").get()  # SITE
                    Api("http://billing/invoices").get_with(month=1)  # SITE
                """,
            "billing/app.py": "",
        }
    )
    assert seen.sites("billing") == seen.marked("SITE")
    assert (seen.to(), seen.unresolved()) == ({"billing"}, [])

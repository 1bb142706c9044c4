"""Services side by side on one machine: an address of the machine is whoever listens on the port."""

from __future__ import annotations

import pytest
from source_trees import Seen, architecture, see

from quantafit.model import Quantum

ASKS = """
    import requests

    def go():
        return requests.get("http://localhost:5001/invoices")  # SITE
"""
LISTENS = {
    "flask": "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run(port=5001)\n",
    "flask by position": "from flask import Flask\napp = Flask(__name__)\napp.run('0.0.0.0', 5001)\n",
    "uvicorn": "import uvicorn\nuvicorn.run('app:app', host='0.0.0.0', port=5001)\n",
    "uvicorn's configuration": "import uvicorn\nuvicorn.Server(uvicorn.Config('app:app', port=5001)).run()\n",
    "waitress": "from waitress import serve\nserve(lambda: 1, port=5001)\n",
    "aiohttp": "from aiohttp import web\nweb.run_app(web.Application(), port=5001)\n",
    "wsgiref": "from wsgiref.simple_server import make_server\nmake_server('', 5001, None).serve_forever()\n",
    "http.server": "from http.server import HTTPServer\nHTTPServer(('0.0.0.0', 5001), None).serve_forever()\n",
    "a class that extends one of http.server": (
        "from http.server import HTTPServer\nfrom socketserver import ThreadingMixIn\n"
        "class Server(ThreadingMixIn, HTTPServer): pass\nServer(('', 5001), None).serve_forever()\n"
    ),
    "xmlrpc": "from xmlrpc.server import SimpleXMLRPCServer\nSimpleXMLRPCServer(('', 5001)).serve_forever()\n",
    "gevent": "from gevent.pywsgi import WSGIServer\nWSGIServer(('', 5001), None).serve_forever()\n",
    "eventlet": "import eventlet\nfrom eventlet import wsgi\nwsgi.server(eventlet.listen(('', 5001)), None)\n",
    "cheroot": "from cheroot.wsgi import Server\nServer(('0.0.0.0', 5001), None).start()\n",
    "flask_socketio": "from flask_socketio import SocketIO\nSocketIO(None).run(None, port=5001)\n",
    "tornado": "import tornado.web\ntornado.web.Application([]).listen(5001)\n",
    "a class that extends tornado's": (
        "from tornado import web\nclass Application(web.Application):\n    def __init__(self):\n"
        "        super().__init__([])\nApplication().listen(5001)\n"
    ),
    "tornado's server": "from tornado import httpserver, web\nhttpserver.HTTPServer(web.Application()).listen(5001)\n",
    "hypercorn": (
        "import asyncio\nfrom hypercorn.asyncio import serve\nfrom hypercorn.config import Config\n"
        "config = Config()\nconfig.bind = ['0.0.0.0:5001']\nasyncio.run(serve(None, config))\n"
    ),
    "granian": "from granian import Granian\nGranian('app:app', port=5001).serve()\n",
    "asyncio": "import asyncio\nasync def go():\n    await asyncio.start_server(None, '', 5001)\nasyncio.run(go())\n",
    "a variable's default": "import os, uvicorn\nuvicorn.run('app:app', port=int(os.getenv('PORT', 5001)))\n",
}
COMMANDS = (
    "uvicorn app:app --host 0.0.0.0 --port 5001",
    "gunicorn -w 2 -b 0.0.0.0:5001 app:app",
    "gunicorn --bind=:5001 app:app",
    "python manage.py runserver 0.0.0.0:5001",
    "flask run -p 5001",
)


def run(billing: str, compose: str = "", customer: str = ASKS) -> Seen:
    files = {"customer/app.py": customer, "billing/app.py": billing}
    return see(files | ({"docker-compose.yml": compose} if compose else {}))


@pytest.mark.parametrize("billing", LISTENS.values(), ids=LISTENS.keys())
def test_a_port_of_the_machine_is_whoever_listens_on_it(billing: str) -> None:
    seen = run(billing)
    assert seen.sites() == seen.marked()
    assert not seen.unresolved("request")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_line_tells_the_port(command: str) -> None:
    seen = run("", f"services: {{billing: {{build: ./billing, command: {command}}}}}\n")
    assert seen.sites() == seen.marked()


SCRIPTED = {
    "a script": ('CMD ["./start.sh"]', "#!/bin/sh\n# uvicorn --port 80\nexec uvicorn app:app \\\n  --port 5001\n"),
    "a script in a folder": ('ENTRYPOINT ["/bin/sh", "/srv/start.sh"]', "exec gunicorn -b 0.0.0.0:5001 app:app\n"),
    "a variable": ("ENV PORT=5001\nCMD uvicorn app:app --port $PORT", ""),
    "a variable in a script": ("CMD ./start.sh", "exec uvicorn app:app --port ${PORT:-5001}\n"),
}


@pytest.mark.parametrize(("dockerfile", "script"), SCRIPTED.values(), ids=SCRIPTED.keys())
def test_the_script_that_an_image_runs_tells_the_port(dockerfile: str, script: str) -> None:
    files = {
        "customer/app.py": ASKS,
        "billing/app.py": "",
        "billing/Dockerfile": f"FROM python\nCOPY . /srv\n{dockerfile}\n",
        "billing/start.sh": script,
    }
    seen = see(files)
    assert seen.sites() == seen.marked()


@pytest.mark.parametrize(
    "line", ["# uvicorn app:app --port 5001", "pg_isready -h db -p 5001", "curl -p 5001 http://db"]
)
def test_what_a_script_asks_or_leaves_out_is_no_port_it_serves(line: str) -> None:
    files = {
        "customer/app.py": ASKS,
        "billing/app.py": "",
        "billing/Dockerfile": "FROM python\nCOPY start.sh app.py ./\nCMD ./start.sh\n",
        "billing/start.sh": f"{line}\npython app.py\n",
    }
    seen = see(files)
    assert seen.to() == set()
    assert seen.unresolved("request")


def test_a_grpc_server_listens_on_its_address() -> None:
    seen = see(
        {
            "customer/app.py": """
                import grpc
                from bill_pb2_grpc import BillStub

                def go():
                    return BillStub(grpc.insecure_channel("localhost:50051")).Pay(1)  # SITE
                """,
            "billing/app.py": "import grpc\nserver = grpc.server(None)\nserver.add_insecure_port('[::]:50051')\n",
        }
    )
    assert seen.sites() == seen.marked()


def test_the_default_port_counts() -> None:
    seen = run("from flask import Flask\nFlask('b').run()\n", customer=ASKS.replace("5001", "5000"))
    assert seen.sites() == seen.marked()


SERVERS = {
    "uvicorn": "import uvicorn\n    uvicorn.run(app, port=5001)",
    "uvicorn's configuration": "import uvicorn\n    uvicorn.Config(app, port=5001)",
    "waitress": "import waitress\n    waitress.serve(app, port=5001)",
    "werkzeug": "from werkzeug.serving import run_simple\n    run_simple('', 5001, app)",
}


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS.keys())
def test_what_a_server_is_given_to_call_is_followed(server: str) -> None:
    """The server calls it too: the request is made there, and not only where code of the quantum calls it."""
    app = """
    import requests

    def app(first, second, *rest):
        requests.get(first["url"])  # SITE

    def check():
        app({"url": "http://billing"}, 1)  # SITE

    """
    seen = run("", customer=app + server + "\n")
    assert seen.sites() == seen.marked()


def test_another_port_leads_nowhere() -> None:
    seen = run(LISTENS["flask"].replace("5001", "5002"))
    assert seen.to() == set()
    assert seen.unresolved("request")


def test_a_port_that_two_quanta_listen_on_leads_nowhere() -> None:
    """A guess between two would be one too many."""
    seen = see(
        {"customer/app.py": ASKS, "billing/app.py": LISTENS["flask"], "sysops/app.py": LISTENS["uvicorn"]},
        architecture(
            (Quantum("customer", ("customer",)), Quantum("billing", ("billing",)), Quantum("sysops", ("sysops",)))
        ),
    )
    assert seen.to() == set()
    assert seen.unresolved("request")


def test_a_published_port_goes_before_one_that_is_listened_on() -> None:
    """Inside a container anything may listen on 5001; what the machine publishes there is another quantum."""
    compose = "services: {sysops: {build: ./sysops, ports: ['5001:80']}}\n"
    seen = run(LISTENS["flask"], compose)
    assert seen.to() == {"sysops"}

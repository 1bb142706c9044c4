"""Who answers behind a gateway: nginx, Kong, Traefik, Envoy, and the routes of a Kubernetes cluster."""

from __future__ import annotations

from textwrap import dedent

import pytest
from coupling_builders import coupled, seen
from hypothesis import given, settings
from hypothesis import strategies as st

from quantafit.evidence.configuration import collect
from quantafit.model import Architecture, Crossing, Quantum, Step, TargetKind
from quantafit.model.terms import Joined, Literal, Term, Unknown
from quantafit.workspace import MemoryWorkspace

SHOP = Architecture(
    "shop",
    (
        Quantum("customer", ("customer",)),
        Quantum("billing", ("billing",)),
        Quantum("sysops", ("sysops",)),
        Quantum("front", ("front",)),
    ),
    platform=("edge",),
)
SERVICES = """
    services:
      billing: {image: shop/billing}
      sysops: {image: shop/sysops}
"""
NGINX = {
    "compose.yaml": SERVICES
    + """
      edge:
        image: nginx:1.29
        ports: ["8080:80"]
        environment: {SYSOPS_HOST: "sysops:8000"}
        volumes: ["./edge/nginx.conf:/etc/nginx/nginx.conf:ro"]
      other: {image: nginx:1.29, ports: ["9090:80"]}
""",
    "edge/nginx.conf": """
        # location /no { proxy_pass http://front; }
        events {}
        http {
          upstream cards { least_conn; server billing:8000 weight=2; server billing:8001; }
          upstream both { server billing:8000; server sysops:8000; }
          server {
            listen 80;
            server_name shop.example _ ~^www;
            set $tickets sysops;
            location / { proxy_pass http://front; }
            location = /exact { proxy_pass http://billing; }
            location /cards/ { proxy_set_header Host "$host;"; proxy_pass http://cards/v1/; }
            location /cards/old { proxy_pass http://sysops; }
            location ~ ^/tickets/\\d+$ { proxy_pass http://$tickets:8000; }
            location ~* \\.(png|css)$ { root /srv; }
            location /env/ { proxy_pass http://${SYSOPS_HOST}/; }
            location /missing/ { proxy_pass http://${NO_SUCH}/; }
            location /nobody { proxy_pass http://nobody; }
            location /any { proxy_pass http://$host; }
            location /both { proxy_pass http://both; }
            location /static { root /srv; }
          }
        }
        """,
}
KONG = {
    "compose.yaml": SERVICES + "      kong: {image: 'kong:3', ports: ['8000:8000']}\n",
    "kong/kong.yml": """
        _format_version: "3.0"
        services:
          - name: cards
            url: http://billing:8000/v1
            routes: [{name: a, paths: [/cards, "~/payments/\\\\d+"]}]
          - name: tickets
            host: tickets.upstream
            routes:
              - {name: b, paths: [/cards/tickets], strip_path: false}
              - {name: c, hosts: [tickets.example], paths: [/]}
        upstreams: [{name: tickets.upstream, targets: [{target: "sysops:80"}]}]
        routes: [{name: d, service: {name: cards}, paths: [/late]}, {name: e, service: gone, paths: [/gone]}]
        """,
}
TRAEFIK = {
    "compose.yaml": """
        services:
          traefik: {image: "traefik:v3", ports: ["80:80"]}
          billing:
            image: shop/billing
            labels:
              traefik.http.routers.cards.rule: "PathPrefix(`/cards`) || Path(`/pay`)"
              traefik.http.routers.other.rule: "Host(`pay.example`) && PathPrefix(`/x`)"
              traefik.http.routers.cards.middlewares: strip
              traefik.http.middlewares.strip.stripprefix.prefixes: /cards
          sysops:
            image: shop/sysops
            labels: ["traefik.http.routers.tickets.rule=PathPrefix(`/tickets`)"]
        """,
    "traefik/dynamic.yml": """
        http:
          routers:
            late: {rule: "PathPrefix(`/late`)", service: late}
            gone: {rule: "PathPrefix(`/gone`)", service: gone}
          services: {late: {loadBalancer: {servers: [{url: "http://sysops:8000"}]}}}
        """,
}
ENVOY = {
    "compose.yaml": SERVICES + "      envoy: {image: 'envoyproxy/envoy:v1.35', ports: ['10000:10000']}\n",
    "envoy.yaml": """
        static_resources:
          listeners:
            - filter_chains:
                - filters:
                    - typed_config:
                        route_config:
                          virtual_hosts:
                            - domains: ["*"]
                              routes:
                                - {match: {prefix: /cards}, route: {cluster: cards, prefix_rewrite: /}}
                                - {match: {path: /tickets}, route: {cluster: tickets}}
                                - {match: {safe_regex: {regex: "/t/[0-9]+"}}, route: {cluster: tickets}}
                                - {match: {prefix: /here}, direct_response: {status: 200}}
          clusters:
            - name: cards
              load_assignment: &to
                endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: billing}}}}]}]
            - name: tickets
              load_assignment:
                endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: sysops}}}}]}]
        """,
}
KUBERNETES = {
    "deploy/all.yaml": """
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata: {name: shop, annotations: {nginx.ingress.kubernetes.io/rewrite-target: /$2}}
        spec:
          rules:
            - host: shop.example
              http:
                paths:
                  - {path: /cards, pathType: Prefix, backend: {service: {name: billing}}}
                  - {path: "/t(/|$)(.*)", pathType: ImplementationSpecific, backend: {service: {name: sysops}}}
                  - {path: /exact, pathType: Exact, backend: {service: {name: sysops}}}
        ---
        apiVersion: networking.k8s.io/v1beta1
        kind: Ingress
        metadata: {name: old}
        spec: {rules: [{host: old.example, http: {paths: [{path: /, backend: {serviceName: billing}}]}}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: api, namespace: shop}
        spec:
          hostnames: [api.example]
          rules:
            - matches: [{path: {type: PathPrefix, value: /cards}}]
              backendRefs: [{name: billing}]
            - matches: [{path: {value: /both}}]
              backendRefs: [{name: billing, weight: 9}, {name: sysops, weight: 1}]
        ---
        apiVersion: traefik.io/v1alpha1
        kind: IngressRoute
        metadata: {name: t}
        spec: {routes: [{match: "Host(`t.example`) && PathPrefix(`/t`)", services: [{name: sysops}]}]}
        ---
        apiVersion: networking.istio.io/v1
        kind: VirtualService
        metadata: {name: v}
        spec:
          hosts: [mesh.example]
          http: [{match: [{uri: {prefix: /cards}}], route: [{destination: {host: billing.shop.svc.cluster.local}}]}]
        """,
}


def asked(files: dict[str, str], url: str | Term) -> list[Crossing]:
    configuration = collect(MemoryWorkspace({path: dedent(text).encode() for path, text in files.items()}))
    assert configuration.errors == ()
    return list(coupled([seen("customer", "request", mechanism="http", url=url)], SHOP, configuration).crossings)


def reached(files: dict[str, str], url: str | Term) -> str | None:
    """The quantum that is reached, or what else the target is."""
    (crossing,) = asked(files, url)
    return crossing.target if crossing.target_kind is TargetKind.QUANTUM else crossing.target_kind.value


REACHED = {
    "nginx": (
        NGINX,
        {
            "http://edge/": "front",
            "http://edge": "front",
            "http://edge/cards/7?x=/exact": "billing",
            "http://edge/cards/old/7": "sysops",
            "http://edge/cards": "front",
            "http://edge/exact": "billing",
            "http://edge/exactly": "front",
            "http://edge/tickets/7": "sysops",
            "http://edge/tickets/x": "front",
            "http://edge/cards/x.png": "platform",
            "http://edge/env/x": "sysops",
            "http://edge/missing/x": "unrouted",
            "http://edge/nobody": "unrouted",
            "http://edge/any": "unrouted",
            "http://edge/both": "unrouted",
            "http://edge/static/x": "platform",
            "http://shop.example/cards/7": "billing",
            "http://localhost:8080/cards/7": "billing",
            "http://localhost:9090/cards/7": "unrouted",
            "http://other/cards/7": "unrouted",
            "http://billing/cards/old": "billing",
        },
    ),
    "Kong": (
        KONG,
        {
            "http://kong:8000/cards/7": "billing",
            "http://kong:8000/payments/7": "billing",
            "http://kong:8000/payments/x": "unrouted",
            "http://kong:8000/cards/tickets/7": "sysops",
            "http://tickets.example/x": "sysops",
            "http://kong:8000/late": "billing",
            "http://kong:8000/gone": "unrouted",
            "http://kong:8000/none": "unrouted",
        },
    ),
    "Traefik": (
        TRAEFIK,
        {
            "http://traefik/cards/7": "billing",
            "http://traefik/pay": "billing",
            "http://traefik/payments": "unrouted",
            "http://traefik/tickets": "sysops",
            "http://pay.example/x/1": "billing",
            "http://traefik/x/1": "unrouted",
            "http://traefik/late": "sysops",
            "http://traefik/gone": "unrouted",
        },
    ),
    "Envoy": (
        ENVOY,
        {
            "http://envoy:10000/cards/7": "billing",
            "http://envoy:10000/tickets": "sysops",
            "http://envoy:10000/tickets/7": "unrouted",
            "http://envoy:10000/t/7": "sysops",
            "http://envoy:10000/here": "unrouted",
        },
    ),
    "Kubernetes": (
        KUBERNETES,
        {
            "https://shop.example/cards": "billing",
            "https://shop.example/cards/7": "billing",
            "https://shop.example/cardsharp": "external",
            "https://shop.example/t/7": "sysops",
            "https://shop.example/exact": "sysops",
            "https://old.example/anything": "billing",
            "https://api.example/cards/1": "billing",
            "https://api.example/both": "unrouted",
            "https://t.example/t/1": "sysops",
            "https://mesh.example/cards/1": "billing",
        },
    ),
}
CASES = [(name, url) for name, (_, urls) in REACHED.items() for url in urls]


@pytest.mark.parametrize(("gateway", "url"), CASES)
def test_a_route_leads_to_whoever_is_behind_it(gateway: str, url: str) -> None:
    files, urls = REACHED[gateway]
    assert reached(files, url) == urls[url]


def test_the_resolution_names_the_route_with_its_line() -> None:
    (crossing,) = asked(NGINX, "http://edge/cards/7")
    assert [clue.step for clue in crossing.resolution] == [Step.LITERAL, Step.GATEWAY_ROUTE, Step.HOSTNAME]
    place = crossing.resolution[1].place
    assert place is not None
    assert "proxy_pass http://cards/v1/" in dedent(NGINX["edge/nginx.conf"]).splitlines()[place.line - 1]


def test_a_path_of_which_the_end_is_unknown_is_only_believed_where_all_ends_lead_to_one() -> None:
    def ended(beginning: str) -> Term:
        return Joined((Literal(beginning), Unknown("made at run time")))

    assert reached(KONG, ended("http://kong:8000/late/")) == "billing"
    assert reached(KONG, ended("http://kong:8000/cards/")) == "unrouted"  # /cards/tickets is another's
    assert reached(TRAEFIK, ended("http://traefik/tickets/")) == "sysops"
    assert reached(TRAEFIK, ended("http://traefik/")) == "unrouted"


def test_a_gateway_behind_a_gateway_is_asked_in_turn_by_the_path_that_is_left() -> None:
    files = {
        "compose.yaml": SERVICES + "      edge: {image: nginx}\n      kong: {image: kong}\n",
        "nginx.conf": "location /api/ { proxy_pass http://kong:8000/; }\n location /raw/ { proxy_pass http://kong; }",
        "kong.yml": KONG["kong/kong.yml"],
    }
    assert reached(files, "http://edge/api/cards/7") == "billing"
    assert reached(files, "http://edge/api/cards/tickets/7") == "sysops"
    assert reached(files, "http://edge/raw/cards/7") == "unrouted"


def test_gateways_that_hand_on_to_each_other_end_unresolved() -> None:
    files = {
        "compose.yaml": "services: {edge: {image: nginx}, kong: {image: kong}}",
        "nginx.conf": "server { location / { proxy_pass http://kong; } }",
        "kong.yml": "_format_version: '3.0'\nservices: [{url: 'http://edge', routes: [{paths: [/]}]}]",
    }
    assert reached(files, "http://edge/x") == "unrouted"


INGRESS = """
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: front}
    spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: BEHIND}}}]}}]}
    """


def test_a_clusters_route_that_lies_among_the_code_of_its_backend_is_no_gateway_of_that_backend() -> None:
    files = {
        "compose.yaml": "services: {front: {build: front}}",
        "front/Dockerfile": "FROM python\nCOPY . .\n",
        "front/k8s/ingress.yaml": INGRESS.replace("BEHIND", "front"),
    }
    assert reached(files, "http://front/x") == "front"
    assert (
        reached(files | {"front/k8s/ingress.yaml": INGRESS.replace("BEHIND", "billing")}, "http://front/x") == "front"
    )


@pytest.mark.parametrize("upstream", ["127.0.0.1:8000", "localhost:8000", "billing:8000"])
def test_a_gateway_within_the_container_of_what_it_stands_before_answers_for_it(upstream: str) -> None:
    files = {
        "compose.yaml": "services: {billing: {build: billing}, sysops: {image: shop}}",
        "billing/Dockerfile": "FROM python\nCOPY nginx.conf /etc/nginx/nginx.conf\n",
        "billing/nginx.conf": f"server {{ location / {{ proxy_pass http://{upstream}; }} }}",
    }
    assert reached(files, "http://billing/x") == "billing"
    elsewhere = files["billing/nginx.conf"].replace(upstream, "sysops")
    assert reached(files | {"billing/nginx.conf": elsewhere}, "http://billing/x") == "sysops"


def test_a_declared_host_stands_before_every_route() -> None:
    declared = Architecture("shop", (Quantum("customer", ("customer",)), Quantum("billing", ("b",), hosts=("edge",))))
    configuration = collect(MemoryWorkspace({path: dedent(text).encode() for path, text in NGINX.items()}))
    found = coupled([seen("customer", "request", url="http://edge/tickets/7")], declared, configuration)
    assert [one.target for one in found.crossings] == ["billing"]


def test_a_broken_nginx_file_is_an_error_with_its_place() -> None:
    for text, line in (("server {\n location / { proxy_pass http://a; }\n", 3), ("proxy_pass http://a;\n}", 2)):
        errors = collect(MemoryWorkspace({"nginx.conf": text.encode()})).errors
        assert [(error.place.path, error.place.line) for error in errors] == [("nginx.conf", line)]


WORDS = st.lists(
    st.sampled_from(
        [
            *(
                "server",
                "location",
                "upstream",
                "{",
                "}",
                ";",
                "/",
                "=",
                "~",
                "^~",
                "^(a+)+$",
                "proxy_pass ",
                "set ",
                "$a",
            ),
            *(
                "http://a",
                "${B}",
                '"',
                "'",
                "\\",
                "#",
                "\n",
                " ",
                "http",
                "_format_version: '3'\n",
                "services:",
                "- ",
                "[",
                "]",
            ),
            *(
                "routes:",
                "paths: ",
                "http:\n  routers:\n",
                "rule: ",
                "PathPrefix(`/a`)",
                "virtual_hosts:",
                "match:",
                "é",
                "\0",
            ),
        ]
    ),
    max_size=50,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["nginx.conf", "kong.yml", "edge.yaml", "a.conf.template"]), WORDS, WORDS)
def test_no_gateway_file_makes_anything_fail(path: str, text: str, url: str) -> None:
    configuration = collect(
        MemoryWorkspace({path: text.encode(), "compose.yaml": b"services: {e: {image: nginx kong}}"})
    )
    assert all(error.place.path == path for error in configuration.errors)
    coupled([seen("customer", "request", url=f"http://e/{url}")], SHOP, configuration)


def test_a_pattern_made_to_be_slow_is_not_tried() -> None:
    slow = "server { location ~ ^/(a+)+$ { proxy_pass http://billing; } location / { proxy_pass http://sysops; } }"
    files = {"compose.yaml": SERVICES + "      edge: {image: nginx}\n", "nginx.conf": slow}
    assert reached(files, "http://edge/" + "a" * 60 + "!") == "unrouted"


def test_files_made_to_be_slow_are_answered() -> None:
    for text in ("{" * 50_000, "location / {" * 20_000, '"' * 50_000, "proxy_pass $" * 20_000, "a\\" * 50_000):
        tree = {"nginx.conf": f"proxy_pass x;{text}", "kong.yml": f"_format_version: 3\nservices: {text}"}
        collect(MemoryWorkspace({path: one.encode() for path, one in tree.items()}))

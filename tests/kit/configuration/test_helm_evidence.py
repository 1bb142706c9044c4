"""What Helm charts say once they are rendered; what cannot be rendered is left open, and never a wrong value."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantafit.evidence.configuration import collect
from quantafit.evidence.configuration.go_template import UNKNOWN, Renderer, TemplateError, parse
from quantafit.model import Binding, Configuration, Unit
from quantafit.workspace import MemoryWorkspace

CHART = {
    "charts/customer/Chart.yaml": "name: customer\nversion: 1.0.0\n",
    "charts/customer/values.yaml": """
        image: {repository: shop/customer, tag: 1.10}
        billing: {host: billing, port: 8000}
        env:
          RATE: 7
          SYSOPS_URL: http://sysops
        list:
          - {name: FROM_LIST, value: http://list}
        raw:
          - name: FROM_RAW
            value: http://raw
        optional: {enabled: false}
        """,
    "charts/customer/templates/_helpers.tpl": """
        {{/* The name */}}
        {{- define "customer.fullname" -}}
        {{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 63 | trimSuffix "-" }}
        {{- else }}{{ printf "%s-%s" .Release.Name .Chart.Name }}{{ end -}}
        {{- end }}
        """,
    "charts/customer/templates/deployment.yaml": """
        {{- $billing := .Values.billing -}}
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: {{ include "customer.fullname" . }}
        spec:
          template:
            metadata: {labels: {app: customer}}
            spec:
              containers:
                - name: app
                  image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
                  env:
                    - name: BILLING_URL
                      value: {{ printf "http://%s:%v" $billing.host $billing.port | quote }}
                    {{- range $key, $value := .Values.env }}
                    - name: {{ $key }}
                      value: {{ $value | quote }}
                    {{- end }}
                    {{- range .Values.list }}
                    - name: {{ .name }}
                      value: {{ .value }}-{{ $.Chart.Name }}
                    {{- end }}
                    {{- with .Values.raw }}
                    {{- toYaml . | nindent 12 }}
                    {{- end }}
                    {{- if .Values.optional.enabled }}
                    - {name: OPTIONAL, value: "yes"}
                    {{- else if eq .Values.billing.host "billing" }}
                    - {name: OTHERWISE, value: "{{ .Release.Namespace }}"}
                    {{- end }}
                    - name: CLUSTER
                      value: http://{{ .Capabilities.KubeVersion }}/x
                    - name: LOOKED_UP
                      value: {{ (lookup "v1" "Secret" "a" "b").data.url | quote }}
        """,
    "charts/customer/templates/service.yaml": """
        apiVersion: v1
        kind: Service
        metadata: {name: {{ .Values.serviceName | default "customer-api" | quote }}}
        spec: {selector: {app: customer}}
        """,
}


def collected(files: dict[str, str]) -> Configuration:
    return collect(MemoryWorkspace({path: dedent(text).lstrip("\n").encode() for path, text in files.items()}))


def only(found: Configuration) -> Unit:
    assert found.errors == ()
    (unit,) = found.units
    return unit


def binding(unit: Unit, name: str) -> Binding:
    return next(one for one in unit.environment if one.name == name)


def test_a_chart_is_rendered_with_its_values() -> None:
    unit = only(collected(CHART))
    assert {one.name: one.value for one in unit.environment} == {
        "BILLING_URL": "http://billing:8000",
        "RATE": "7",
        "SYSOPS_URL": "http://sysops",
        "FROM_LIST": "http://list-customer",
        "FROM_RAW": "http://raw",
        "OTHERWISE": "default",
        "CLUSTER": None,
        "LOOKED_UP": None,
    }
    assert (unit.name, unit.image) == ("customer", "shop/customer:1.1")
    assert unit.hosts[:2] == ("customer-api", "customer-api.default")


def test_every_place_is_the_line_of_the_template() -> None:
    unit = only(collected(CHART))
    path = "charts/customer/templates/deployment.yaml"
    lines = dedent(CHART[path]).lstrip("\n").splitlines()
    for name, word in (
        ("BILLING_URL", "BILLING_URL"),
        ("RATE", "$key"),
        ("FROM_RAW", "toYaml"),
        ("CLUSTER", "CLUSTER"),
    ):
        place = binding(unit, name).place
        assert place.path == path
        assert word in lines[place.line - 1]


def test_a_file_of_values_beside_the_chart_is_an_alternative() -> None:
    found = collected(CHART | {"charts/customer/values-production.yaml": "billing: {host: money}\n"})
    assert {binding(unit, "BILLING_URL").value for unit in found.units} == {"http://billing:8000", "http://money:8000"}


def test_a_part_of_a_chart_has_the_values_and_the_release_of_the_whole() -> None:
    files = {f"umbrella/{path}": text for path, text in CHART.items()} | {
        "umbrella/Chart.yaml": "name: shop",
        "umbrella/values.yaml": "customer: {billing: {host: money}}\nglobal: {x: 1}",
    }
    unit = only(collected(files))
    assert unit.name == "shop-customer"
    assert binding(unit, "BILLING_URL").value == "http://money:8000"


@pytest.mark.parametrize(
    "broken", ["{{ if }}", "{{ end }}", "{{ (.Values.x }}", "{{ else }}", "a: [", "{{ include 'x' }}: {"]
)
def test_a_template_that_cannot_be_rendered_leaves_its_variables_open(broken: str) -> None:
    text = f"apiVersion: v1\nkind: Pod\nspec:\n  env:\n    - name: PAY_URL\n      value: http://billing\n{broken}\n"
    unit = only(collected({"c/Chart.yaml": "name: customer", "c/templates/pod.yaml": text}))
    assert [(one.name, one.value, one.place.line) for one in unit.environment] == [("PAY_URL", None, 5)]


def test_templates_that_include_each_other_end() -> None:
    text = '{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}'
    pieces, defined = parse(text)
    with pytest.raises(TemplateError, match="too deeply"):
        Renderer(defined, {}).render(pieces)


def test_work_is_bounded() -> None:
    pieces, defined = parse("{{ range .a }}" * 8 + "x" + "{{ end }}" * 8)
    many = {"a": [{"a": list(range(1000))}] * 1000}
    for root in (many, {"a": [many] * 100}):
        with pytest.raises(TemplateError, match="too"):
            Renderer(defined, {"a": [root] * 1000}).render(pieces * 200)


RENDERED = {
    '{{ "a" | upper }}': "A",
    "a {{- /* nothing */ -}} b": "ab",
    "{{ .x.y | default 7 }}": "7",
    "{{ .n }}": "1.5",
    "{{ .yes }} {{ not .yes }}": "true false",
    "{{ ternary `a` `b` .yes }}": "a",
    '{{ printf "%s-%d %q %%" "a" 7 "b" }}': 'a-7 "b" %',
    "{{ with .none }}x{{ else }}y{{ end }}": "y",
    "{{ range .none }}x{{ else }}y{{ end }}": "y",
    "{{ if and .yes (eq .n 1.5) (or .none .yes) }}x{{ end }}": "x",
    "{{ $a := 1 }}{{ if .yes }}{{ $a = 2 }}{{ end }}{{ $a }}": "1",
    "{{ nothing_like_it .x }}": UNKNOWN,
    "{{ .Files.Get }}": "",
    '{{ index .map "k" }}{{ .map.k }}': "vv",
    '{{ tpl "{{ .yes }}" . }}': "true",
    "{{ squote `it's` }}": "'it''s'",
    "{{ join `,` (list 1 2) }}": "1,2",
    "{{ .map }}": UNKNOWN,
    "{{ indent 99999999 `x` }}": UNKNOWN,
}


@pytest.mark.parametrize("source", RENDERED)
def test_what_a_template_prints(source: str) -> None:
    pieces, defined = parse(source)
    root = {"yes": True, "n": 1.5, "map": {"k": "v"}}
    assert "".join(part.text for part in Renderer(defined, root).render(pieces)) == RENDERED[source]


PIECES = st.lists(
    st.sampled_from(
        [
            *(
                "{{",
                "}}",
                "{{-",
                "-}}",
                " if ",
                " range ",
                " with ",
                " define ",
                " end ",
                " else ",
                " include ",
                " . ",
                " .Values.a",
            ),
            *(
                " $x ",
                " := ",
                " | ",
                " ( ",
                " ) ",
                ' "a" ',
                "`",
                '"',
                " tpl ",
                " toYaml ",
                " nindent 4 ",
                " printf ",
                "%s",
                "\n",
            ),
            *(
                "apiVersion: v1\n",
                "kind: Pod\n",
                "env:\n",
                "- name: A\n",
                "  value: ",
                "/*",
                "*/",
                "é",
                "\0",
                " 1 ",
                " index ",
            ),
        ]
    ),
    max_size=40,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(PIECES, PIECES)
def test_no_template_makes_the_collection_fail(text: str, values: str) -> None:
    tree = {"Chart.yaml": "name: a", "values.yaml": values, "templates/a.yaml": text, "templates/_b.tpl": values}
    found = collect(MemoryWorkspace({path: one.encode() for path, one in tree.items()}))
    for error in found.errors:
        assert error.place.path in tree
    for unit in found.units:
        assert unit.place.path in tree
        assert all(UNKNOWN not in (one.value or "") for one in unit.environment)


def test_templates_made_to_be_slow_are_answered() -> None:
    for text in (
        "{{" * 20_000,
        "{{ (" * 20_000,
        "{{/*" * 10_000,
        '{{ "' * 10_000,
        "{{ if .x }}" * 5_000,
        "{{ . | " * 5_000,
    ):
        tree = {"Chart.yaml": "name: a", "templates/a.yaml": text, "templates/b.yaml": text + " }}"}
        collect(MemoryWorkspace({path: one.encode() for path, one in tree.items()}))

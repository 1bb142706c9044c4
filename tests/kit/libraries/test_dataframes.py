"""Readers that take a file or an address alike, and data frames that come from and go into databases."""

from __future__ import annotations

import pytest
from source_trees import architecture, customer

from quantafit.declaration.data_classes import BUILT_IN

ASKED = {
    "pandas": 'import pandas as pd\npd.read_csv("http://billing/cards.csv")  # SITE\n',
    "pandas, given by name": 'import pandas as pd\npd.read_json(path_or_buf="http://billing/cards")  # SITE\n',
    "pandas, an address in a variable": """
        import pandas as pd
        BASE = "http://billing"
        def go(id):
            return pd.read_html(f"{BASE}/cards/{id}")  # SITE
        """,
    "polars": 'import polars\npolars.scan_parquet("http://billing/cards")  # SITE\n',
    "dask": 'import dask.dataframe as dd\ndd.read_csv("http://billing/*.csv")  # SITE\n',
    "numpy": 'import numpy as np\nnp.loadtxt("http://billing/cards")  # SITE\n',
    "lxml": 'from lxml import etree\netree.parse("http://billing/cards")  # SITE\n',
    "fsspec": 'import fsspec\nfsspec.open("http://billing/cards")  # SITE\n',
    "smart_open": 'from smart_open import open\nopen("http://billing/cards")  # SITE\n',
    "a wrapper": """
        import pandas as pd
        def load(where):
            return pd.read_csv(where)
        def go():
            load("cards.csv")
            load("http://billing/cards")  # SITE
        """,
}


@pytest.mark.parametrize("name", ASKED)
def test_an_address_is_a_request(name: str) -> None:
    seen = customer(ASKED[name])
    assert seen.sites("billing", mechanism="http") == seen.marked()
    assert not seen.unresolved()


UNTOLD = {
    "an argument that nobody gives": "import pandas as pd\ndef go(where):\n    pd.read_csv(where)  # SITE\n",
    "a variable that is bound nowhere": 'import os, pandas\npandas.read_csv(os.environ["CARDS"])  # SITE\n',
    "an argument of the command line": "import sys, polars\npolars.read_parquet(sys.argv[1])  # SITE\n",
    "a path of a file system that is elsewhere": 'import s3fs\ns3fs.S3FileSystem().open("bucket/x")  # SITE\n',
}


@pytest.mark.parametrize("name", UNTOLD)
def test_what_may_be_an_address_is_unresolved(name: str) -> None:
    seen = customer(UNTOLD[name])
    assert {str(one.place) for one in seen.unresolved("request")} == seen.marked()


WITHIN = """
    import glob, io, os, tempfile
    from pathlib import Path
    import pandas as pd
    from fastapi import FastAPI, UploadFile

    app = FastAPI()
    HERE = Path(__file__).parent

    @app.post("/up")
    def up(file: UploadFile):
        return pd.read_csv(file.file)

    def go(name, path: Path, text):
        pd.read_csv("data.csv")
        pd.read_csv("file:///data.csv")
        pd.read_csv(HERE / "x.csv")
        pd.read_csv(path)
        pd.read_csv(path / name)
        pd.read_csv(Path(name))
        pd.read_csv(os.path.join("data", name))
        pd.read_csv(f"data/{name}.csv")
        pd.read_csv(io.StringIO(text))
        pd.read_csv(open(name))
        with open(name) as file:
            pd.read_csv(file)
        with tempfile.NamedTemporaryFile() as file:
            pd.read_csv(file.name)
        for one in glob.glob("*.csv"):
            pd.read_csv(one)
        for one in Path("data").glob("*.csv"):
            pd.read_json(one)
        pd.DataFrame([1]).groupby("a").sum().to_csv("x.csv")
"""


def test_files_and_buffers_within_the_machine_are_silent() -> None:
    seen = customer(WITHIN)
    assert seen.silent(), [f"{one.place} {one.what} {one.why}" for one in seen.unresolved()]


READS = {
    "a statement": 'pd.read_sql("SELECT pan FROM cards", "postgresql://billing/db")',
    "a table, as a statement may be": 'pd.read_sql("cards", "postgresql://billing/db")',
    "a table": 'pd.read_sql_table("cards", "postgresql://billing/db")',
    "an engine": 'pd.read_sql_query("SELECT pan FROM cards", create_engine("postgresql://billing/db"))',
    "polars": 'pl.read_database_uri("SELECT pan FROM cards", "postgresql://billing/db")',
}
IMPORTS = "import pandas as pd\nimport polars as pl\nfrom sqlalchemy import create_engine\n"


@pytest.mark.parametrize("name", READS)
def test_a_query_reads_the_tables_of_the_database_that_it_is_given(name: str) -> None:
    seen = customer(f"{IMPORTS}{READS[name]}  # SITE\n")
    assert [(one.table, one.datastore) for one in seen.tables("read")] == [("cards", "billing/db")]
    assert not seen.unresolved()


WRITES = {
    "an address": 'pd.DataFrame(rows).to_sql("cards", "postgresql://billing/db")',
    "an engine": 'pd.DataFrame(rows).to_sql("cards", con=create_engine("postgresql://billing/db"))',
    "after other methods": 'pd.DataFrame(rows).groupby("a").sum().to_sql("cards", "postgresql://billing/db")',
    "polars": 'pl.DataFrame(rows).write_database("cards", "postgresql://billing/db")',
}


@pytest.mark.parametrize("name", WRITES)
def test_a_frame_that_goes_into_a_table_is_written(name: str) -> None:
    seen = customer(f"{IMPORTS}def go(rows):\n    {WRITES[name]}  # SITE\n")
    assert seen.stored("cards") == seen.marked()
    assert [one.datastore for one in seen.tables("write")] == ["billing/db"]


def test_what_a_frame_was_made_from_comes_to_rest_in_the_table() -> None:
    text = (
        IMPORTS + 'def go(card_number):\n    pd.DataFrame([{"n": card_number}]).to_sql("t", "sqlite:///x.db")  # SITE\n'
    )
    seen = customer(text, architecture(classes=BUILT_IN))
    assert {str(rest.place) for rest in seen.evidence.data if rest.data_class == "pan"} == seen.marked()


def test_a_method_of_that_name_on_something_else_is_unresolved_only_beside_data_frames() -> None:
    assert customer("def go(it, where):\n    it.to_sql(where)\n").silent()
    seen = customer("import pandas\ndef go(it, where):\n    it.to_sql(where)  # SITE\n")
    assert {str(one.place) for one in seen.unresolved()} == seen.marked()


FETCHED = {
    "sklearn": "from sklearn.datasets import fetch_openml\nfetch_openml('cards')  # SITE\n",
    "nltk": "import nltk\nnltk.download('punkt')  # SITE\n",
}


@pytest.mark.parametrize("name", FETCHED)
def test_data_that_a_library_fetches_comes_from_outside(name: str) -> None:
    seen = customer(FETCHED[name])
    assert {(one.target_kind.value, str(one.site)) for one in seen.crossings()} == {("external", "customer/app.py:2")}


def test_learning_and_work_in_parallel_reach_only_what_the_program_does() -> None:
    seen = customer(
        """
        import joblib
        import nltk
        import requests
        from sklearn.linear_model import LogisticRegression

        def ask(number):
            return requests.get(f"http://billing/{number}")  # SITE

        def go():
            model = LogisticRegression().fit([[1]], [2])
            joblib.dump(model, "model")
            nltk.word_tokenize("a b")
            return joblib.Parallel(n_jobs=2)(joblib.delayed(ask)(number) for number in range(3))
        """
    )
    assert seen.sites("billing") == seen.marked()
    assert not seen.unresolved()

"""Readers that take a file or an address alike: pandas, Polars, Dask, NumPy, lxml, fsspec, smart_open and their kin.

Signatures read in pandas 2.3, Polars 1.35, Dask 2025.11, NumPy 2.3, lxml 6.0, fsspec 2025.10 and smart_open 7.4. What
they are given is a slot ``location``: a path within the machine is no request, an address is, and what nobody can tell
is unresolved. SQL goes to the connection that is given, or to the database that an address names.
"""

from __future__ import annotations

from collections.abc import Iterable

from quantafit.evidence.source.libraries.asking import ask, plain
from quantafit.evidence.source.libraries.vocabulary import (
    Arg,
    Call,
    Effect,
    Either,
    Fixed,
    Kept,
    Library,
    New,
    Slot,
    Type,
)

_TABLE, _RESULT = "sqlalchemy.Table", "sqlalchemy.Result"


def _reads(location: Slot, returns: str | Slot | None = None) -> Call:
    return Call(returns=returns, effects=(Effect("request", "http", {"location": location}),))


def _all(owner: str, names: Iterable[str], location: Slot) -> dict[str, Call]:
    return {f"{owner}.{name}": _reads(location) for name in names}


def _queries(statement: Slot, connection: Slot) -> Call:
    """Rows of a statement or of a table, by a connection or by the address of a database."""
    return Call(
        returns=_RESULT,
        keeps={"entity": statement, "bind": connection},
        effects=(
            Effect("connect", "database", {"url": connection}),
            Effect("execute", "database", {"statement": statement, "datastore": connection}),
        ),
    )


def _source(*names: str) -> Slot:
    return Either(tuple(Arg(0, name) for name in names))


_PANDAS = _source("filepath_or_buffer", "io", "path_or_buf", "path", "path_or_buffer")
_SQL = New("sqlalchemy.TextOrName", {"sql": Arg(0, "sql")})

PANDAS = Library(
    distribution="pandas",
    modules=("pandas", "geopandas", "modin"),
    calls={
        **_all(
            "pandas",
            ("read_csv", "read_table", "read_fwf", "read_json", "read_html", "read_xml", "read_excel", "read_parquet",
             "read_feather", "read_orc", "read_stata", "read_sas", "read_pickle", "read_hdf", "read_file"),
            _PANDAS,
        ),
        "pandas.ExcelFile": _reads(Arg(0, "path_or_buffer")),
        "pandas.read_sql": _queries(_SQL, Arg(1, "con")),
        "pandas.read_sql_query": _queries(New("sqlalchemy.Text", {"sql": Arg(0, "sql")}), Arg(1, "con")),
        "pandas.read_sql_table": _queries(New(_TABLE, {"name": Arg(0, "table_name")}), Arg(1, "con")),
        "pandas.read_gbq": ask(Fixed("https://bigquery.googleapis.com"), Fixed("post")),
    },
    aliases={"modin.pandas": "pandas", "geopandas.read_file": "pandas.read_file"},
    telling=frozenset({"to_sql", "to_gbq", "to_postgis"}),
    inert=True,
)  # fmt: skip

_FILES = ("read_csv", "read_json", "read_ndjson", "read_parquet", "read_ipc", "read_avro", "read_excel", "read_delta",
          "scan_csv", "scan_parquet", "scan_ndjson", "scan_ipc", "scan_delta", "read_csv_batched")  # fmt: skip
_QUERY = New("sqlalchemy.Text", {"sql": Arg(0, "query")})

POLARS = Library(
    distribution="polars",
    modules=("polars",),
    calls={
        **_all("polars", _FILES, Arg(0, "source")),
        "polars.read_database": _queries(_QUERY, Arg(1, "connection")),
        "polars.read_database_uri": _queries(_QUERY, Arg(1, "uri")),
    },
    telling=frozenset({"write_database"}),
    inert=True,
)

DASK = Library(
    distribution="dask",
    modules=("dask",),
    calls={
        **_all("dask.dataframe", ("read_csv", "read_json", "read_parquet", "read_table", "read_fwf", "read_orc"),
               _source("urlpath", "path")),
        **_all("dask.bag", ("read_text", "read_avro"), Arg(0, "urlpath")),
        "dask.dataframe.read_sql_table": _queries(New(_TABLE, {"name": Arg(0, "table_name")}), Arg(1, "con")),
        "dask.dataframe.read_sql_query": _queries(New("sqlalchemy.Text", {"sql": Arg(0, "sql")}), Arg(1, "con")),
        "dask.distributed.Client": ask(Arg(0, "address"), Fixed(None), mechanism="tcp"),
    },
    telling=frozenset({"to_sql"}),
    inert=True,
)  # fmt: skip

NUMPY = Library(
    distribution="numpy",
    modules=("numpy", "scipy", "sklearn", "joblib", "nltk"),
    calls={
        **_all("numpy", ("loadtxt", "genfromtxt"), Arg(0, "fname")),
        "numpy.lib.npyio.DataSource.open": _reads(Arg(0, "path")),
        "numpy.DataSource": Call(returns="numpy.lib.npyio.DataSource"),
        # Downloaded from where scipy keeps them, once.
        **{f"scipy.datasets.{name}": ask(Fixed("https://github.com/scipy"), Fixed("get"))
           for name in ("face", "ascent", "electrocardiogram", "download_all")},
        **{f"sklearn.datasets.{name}": ask(Fixed("https://ndownloader.figshare.com"), Fixed("get"))
           for name in ("fetch_20newsgroups", "fetch_20newsgroups_vectorized", "fetch_california_housing",
                        "fetch_covtype", "fetch_kddcup99", "fetch_lfw_pairs", "fetch_lfw_people",
                        "fetch_olivetti_faces", "fetch_rcv1", "fetch_species_distributions")},
        "sklearn.datasets.fetch_openml": ask(Fixed("https://api.openml.org"), Fixed("get")),
        "sklearn.datasets.fetch_file": ask(Arg(0, "url"), Fixed("get")),
        "nltk.download": ask(Fixed("https://raw.githubusercontent.com/nltk"), Fixed("get")),
        "joblib.delayed": Call(returns=Arg(0, "function")),
    },
    types={"numpy.lib.npyio.DataSource": Type()},
    aliases={"numpy.lib.npyio.DataSource": "numpy.lib.npyio.DataSource"},
    inert=True,
)  # fmt: skip

LXML = Library(
    distribution="lxml",
    modules=("lxml",),
    calls={
        **{f"lxml.{module}.{name}": _reads(Arg(0, name_of))
           for module in ("etree", "html", "objectify")
           for name, name_of in (("parse", "source"), ("iterparse", "source"))},
        "lxml.html.open_in_browser": Call(),
    },
    inert=True,
)  # fmt: skip

_FILE_SYSTEM = "fsspec.AbstractFileSystem"
_ON_FILES = ("open", "cat", "cat_file", "ls", "glob", "find", "walk", "info", "exists", "get", "get_file", "put",
             "put_file", "pipe", "pipe_file", "rm", "copy", "cp", "mv", "upload", "download", "open_async")  # fmt: skip


def _system(name: str, scheme: str) -> dict[str, Call]:
    """A file system of one kind of store; its endpoint, where it has one of its own, is what it reaches."""
    endpoint = Either((Arg(None, "endpoint_url"), Arg(None, "host"), Fixed(f"{scheme}://")))
    return {name: Call(returns=_FILE_SYSTEM, keeps={"location": endpoint})}


FSSPEC = Library(
    distribution="fsspec",
    modules=("fsspec", "s3fs", "gcsfs", "adlfs"),
    calls={
        **_all("fsspec", ("open", "open_files", "open_local", "get_mapper", "url_to_fs"), Arg(0, "urlpath")),
        "fsspec.filesystem": Call(returns=_FILE_SYSTEM, keeps={"location": Arg(0, "protocol")}),
        **_system("s3fs.S3FileSystem", "s3"),
        **_system("gcsfs.GCSFileSystem", "gcs"),
        **_system("adlfs.AzureBlobFileSystem", "abfs"),
        **_all(_FILE_SYSTEM, _ON_FILES, Kept("location")),
        **plain(_FILE_SYSTEM, ("invalidate_cache", "clear_instance_cache", "isfile", "isdir")),
    },
    types={_FILE_SYSTEM: Type(client=True)},
    aliases={"s3fs.core.S3FileSystem": "s3fs.S3FileSystem"},
)

SMART_OPEN = Library(
    distribution="smart-open",
    modules=("smart_open",),
    calls=_all("smart_open", ("open", "smart_open"), Arg(0, "uri")),
)

LIBRARIES = (PANDAS, POLARS, DASK, NUMPY, LXML, FSSPEC, SMART_OPEN)

"""What SQL texts read, write and define, as PostgreSQL and SQLite write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantafit.evidence.source.sql import UNREADABLE, Placeholder, SqlUse, read_sql

Expected = list[tuple[str, str, tuple[str, ...]]]

STATEMENTS: dict[str, Expected] = {
    "SELECT a, b FROM t": [("read", "t", ("a", "b"))],
    "select a from t where b in (select c from u)": [("read", "t", ()), ("read", "u", ())],
    "SELECT * FROM t": [("read", "t", ())],
    "SELECT x.a AS n FROM shop.t AS x": [("read", "shop.t", ("n",))],
    'SELECT "A b" FROM "Shop"."T able"': [("read", "shop.t able", ("a b",))],
    "SELECT a FROM t JOIN u USING (id) LEFT JOIN v ON true": [("read", "t", ()), ("read", "u", ()), ("read", "v", ())],
    "SELECT a FROM t, u": [("read", "t", ()), ("read", "u", ())],
    "SELECT a FROM t UNION SELECT a FROM u": [("read", "t", ()), ("read", "u", ())],
    "SELECT a FROM t FOR UPDATE SKIP LOCKED": [("read", "t", ("a",))],
    "WITH n AS (SELECT a FROM t) SELECT * FROM n": [("read", "t", ())],
    "WITH RECURSIVE n AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM n) SELECT a FROM n": [],
    "WITH n AS (INSERT INTO t (a) VALUES (1) RETURNING id) SELECT * FROM n JOIN u ON true": [
        ("insert", "t", ("a",)), ("read", "u", ()),
    ],
    "WITH gone AS (DELETE FROM t RETURNING *) INSERT INTO u SELECT * FROM gone": [
        ("insert", "u", ()), ("delete", "t", ()),
    ],
    "SELECT value FROM json_each(:body)": [],
    "SELECT now()": [],
    "INSERT INTO t (a, b) VALUES (1, 2)": [("insert", "t", ("a", "b"))],
    "INSERT INTO t VALUES (1)": [("insert", "t", ())],
    "INSERT INTO t DEFAULT VALUES": [("insert", "t", ())],
    "INSERT INTO a.t (a) SELECT b FROM u WHERE c = 1": [("insert", "a.t", ("a",)), ("read", "u", ())],
    "INSERT INTO t (a) VALUES (:a) ON CONFLICT (a) DO UPDATE SET b = EXCLUDED.b": [("insert", "t", ("a", "b"))],
    "INSERT INTO t (a) VALUES (:a) ON CONFLICT DO NOTHING RETURNING id": [("insert", "t", ("a",))],
    "INSERT OR REPLACE INTO t (a) VALUES (?)": [("insert", "t", ("a",))],
    "INSERT OR IGNORE INTO t (a) VALUES (?)": [("insert", "t", ("a",))],
    "REPLACE INTO t (a) VALUES (?)": [("insert", "t", ("a",))],
    "INSERT INTO `t` (`a`) VALUES (%s)": [("insert", "t", ("a",))],
    "UPDATE t SET a = 1, b = coalesce(b, 2) WHERE c = 3": [("update", "t", ("a", "b"))],
    "UPDATE ONLY t AS x SET a = u.a FROM u WHERE x.id = u.id": [("update", "t", ("a",)), ("read", "u", ())],
    "UPDATE t SET (a, b) = (1, 2)": [("update", "t", ("a", "b"))],
    "UPDATE [t] SET [a] = 1": [("update", "t", ("a",))],
    "DELETE FROM t WHERE a = 1": [("delete", "t", ())],
    "DELETE FROM t USING u WHERE t.id = u.id": [("delete", "t", ()), ("read", "u", ())],
    "MERGE INTO t USING u ON t.id = u.id WHEN MATCHED THEN UPDATE SET a = u.a "
    "WHEN NOT MATCHED THEN INSERT (id, b) VALUES (u.id, u.b)": [("update", "t", ("a", "id", "b")), ("read", "u", ())],
    "COPY t (a, b) FROM STDIN WITH (FORMAT csv)": [("insert", "t", ("a", "b"))],
    "COPY t TO '/tmp/t.csv'": [("read", "t", ())],
    "COPY (SELECT a FROM t) TO STDOUT": [("read", "t", ())],
    "TRUNCATE TABLE t, u CASCADE": [("delete", "t", ()), ("delete", "u", ())],
    "DROP TABLE IF EXISTS t": [("delete", "t", ())],
    "CREATE TABLE IF NOT EXISTS t (a int PRIMARY KEY, card_number text, CONSTRAINT c UNIQUE (a), FOREIGN KEY (a) "
    "REFERENCES u (id))": [("define", "t", ("a", "card_number")), ("read", "u", ())],
    "CREATE TEMP TABLE t (a int)": [("define", "t", ("a",))],
    "CREATE UNLOGGED TABLE t (a int)": [("define", "t", ("a",))],
    "CREATE TABLE t AS SELECT card_number, b AS c FROM u": [("define", "t", ("card_number", "c")), ("read", "u", ())],
    "CREATE MATERIALIZED VIEW v AS SELECT card_number FROM u": [
        ("define", "v", ("card_number",)), ("read", "u", ()),
    ],
    "CREATE VIEW v AS SELECT a FROM u": [("read", "u", ())],
    "ALTER TABLE ONLY t ADD COLUMN IF NOT EXISTS pan text, ADD cvv text": [("define", "t", ("pan", "cvv"))],
    "ALTER TABLE t RENAME COLUMN a TO pan": [("define", "t", ("pan",))],
    "ALTER TABLE t DROP COLUMN pan": [("define", "t", ())],
    "SELECT a INTO t FROM u": [("define", "t", ()), ("read", "u", ())],
    "SELECT a FROM t; INSERT INTO u (b) VALUES (1); -- the end": [("read", "t", ("a",)), ("insert", "u", ("b",))],
    "SELECT ';' FROM t WHERE a = 'INSERT INTO u'": [("read", "t", ("?",))],
    "-- DELETE FROM u\nSELECT a FROM t /* UPDATE v SET a = 1 */": [("read", "t", ("a",))],
    "EXPLAIN ANALYZE SELECT a FROM t": [("read", "t", ("a",))],
    "DO $$ BEGIN INSERT INTO t VALUES (1); END $$": [("insert", "t", ())],
    "DO $x$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'THEN') THEN CREATE ROLE r; END IF; END $x$": [
        ("read", "pg_roles", ()),
    ],
    "DO $$ DECLARE n int; BEGIN IF n > 1 THEN DELETE FROM t; ELSE UPDATE t SET a = CASE WHEN b THEN 1 ELSE 2 END; "
    "END IF; RAISE NOTICE 'insert; into u'; PERFORM f(); END $$": [("delete", "t", ()), ("update", "t", ("a",))],
    "DO $$ BEGIN FOR r IN SELECT a FROM t LOOP INSERT INTO u (a) VALUES (r.a); END LOOP; END $$": [
        ("read", "t", ()),
        ("insert", "u", ("a",)),
    ],
    "PRAGMA journal_mode = WAL": [],
    "BEGIN IMMEDIATE": [],
    "SET search_path TO shop": [],
    "CREATE TRIGGER r AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()": [],
    "DROP TABLE t, u": [("delete", "t", ()), ("delete", "u", ())],
    "SELECT count(*) AS n, max(a) FROM t": [("read", "t", ("n", "?"))],
    "GRANT SELECT, INSERT ON t TO reader": [],
    "CREATE UNIQUE INDEX i ON t (a)": [],
    "CREATE PUBLICATION p FOR TABLE t WITH (publish = 'insert, update, delete')": [],
    "": [],
    "nothing of the kind": [],
}  # fmt: skip

UNKNOWN = [
    "INSERT INTO  ?  (a) VALUES (1)",
    "INSERT INTO {table} (a) VALUES (1)",
    "UPDATE %s SET a = 1",
    "DELETE FROM :table",
    "SELECT a FROM  ? ",
    "SELECT a FROM t WHERE (",
    "please update the table at once",
    "DO $$ BEGIN EXECUTE format('INSERT INTO %I VALUES (1)', name); END $$",
    "DO $$ BEGIN EXECUTE statement; END $$",
    "DO LANGUAGE plpython3u $$ plpy.execute('DELETE FROM t') $$",
    "CREATE FUNCTION f() RETURNS void AS $$ DELETE FROM t $$ LANGUAGE sql",
    "CALL replace_table('t')",
    "CREATE TRIGGER r AFTER INSERT ON t BEGIN UPDATE u SET a = 1; END",
    "SELECT " + "(" * 400 + "1" + ")" * 400 + " FROM t",
]

VALUES: dict[str, tuple[tuple[str, object], ...]] = {
    "INSERT INTO t (a, b) VALUES (?, 'x')": (("a", Placeholder(0)), ("b", "x")),
    "INSERT INTO t (a, b) VALUES (%s, %s)": (("a", Placeholder(0)), ("b", Placeholder(1))),
    "INSERT INTO t (a, b) VALUES (:one, :two)": (("a", Placeholder("one")), ("b", Placeholder("two"))),
    "INSERT INTO t (a, b) VALUES (%(one)s, %(two)s)": (("a", Placeholder("one")), ("b", Placeholder("two"))),
    "INSERT INTO t (a, b) VALUES ($2, $1)": (("a", Placeholder(1)), ("b", Placeholder(0))),
    "INSERT INTO t (a, b) VALUES (?2, ?1)": (("a", Placeholder(1)), ("b", Placeholder(0))),
    "INSERT INTO t (a) VALUES (@one)": (("a", Placeholder("one")),),
    "INSERT INTO t (a) VALUES (:one::jsonb)": (("a", Placeholder("one")),),
    "INSERT INTO t (a) VALUES (CAST(:one AS jsonb))": (("a", Placeholder("one")),),
    "INSERT INTO t (a, b) VALUES (now(), lower(?))": (("b", Placeholder(0)),),
    "INSERT INTO t (a) VALUES ('?'), (?)": (("a", "?"), ("a", Placeholder(0))),
    "UPDATE t SET a = :a, b = 'x' WHERE c = :c": (("a", Placeholder("a")), ("b", "x")),
    "UPDATE t SET a = ? WHERE c = ?": (("a", Placeholder(0)),),
    "SELECT a FROM u WHERE b = ?; INSERT INTO t (a) VALUES (?)": (("a", Placeholder(0)),),
}


@pytest.mark.parametrize("text", STATEMENTS, ids=lambda text: text[:60] or "nothing")
def test_the_tables_of_a_statement_are_told(text: str) -> None:
    found = [(use.operation, use.table, use.columns) for use in read_sql(text)]
    assert found == STATEMENTS[text]


@pytest.mark.parametrize("text", UNKNOWN, ids=lambda text: text[:60])
def test_a_text_that_speaks_of_data_and_cannot_be_read_is_told_so(text: str) -> None:
    assert UNREADABLE in read_sql(text)


@pytest.mark.parametrize("text", VALUES, ids=lambda text: text[:60])
def test_the_values_of_columns_are_told(text: str) -> None:
    assert read_sql(text)[-1].values == VALUES[text]


def test_one_statement_that_cannot_be_read_does_not_hide_the_others() -> None:
    assert read_sql("CALL archive('x'); INSERT INTO u (a) VALUES (1)") == (
        UNREADABLE,
        SqlUse("insert", "u", ("a",), (("a", "1"),)),
    )


def test_the_statements_of_an_anonymous_block_are_read_and_what_its_conditions_read() -> None:
    block = "DO $$ BEGIN IF EXISTS (SELECT 1 FROM t) THEN DELETE FROM t; END IF; END $$; INSERT INTO u (a) VALUES (1)"
    assert {(use.operation, use.table) for use in read_sql(block)} == {("read", "t"), ("delete", "t"), ("insert", "u")}


def test_a_block_that_only_grants_rights_names_no_data() -> None:
    rights = "IF EXISTS (SELECT FROM pg_roles) THEN GRANT SELECT, INSERT ON t TO etl; END IF;"
    assert {use.table for use in read_sql(f"DO $$ BEGIN {rights} END $$")} == {"pg_roles"}


def test_nothing_is_printed_for_what_the_parser_does_not_support(capfd: pytest.CaptureFixture[str]) -> None:
    read_sql("CREATE FUNCTION g() RETURNS void AS $$ DELETE FROM t $$ LANGUAGE sql")
    assert capfd.readouterr() == ("", "")


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    read_sql(text)


_WORDS = st.sampled_from(
    [
        "SELECT",
        "INSERT",
        "INTO",
        "UPDATE",
        "DELETE",
        "FROM",
        "SET",
        "VALUES",
        "WHERE",
        "WITH",
        "AS",
        "(",
        ")",
        ",",
        ";",
        "=",
        "?",
        ":a",
        "%s",
        "'t'",
        '"u"',
        "t",
        "u",
        "a",
        "b",
        "*",
        "--",
        "/*",
        "*/",
        "$$",
        "[",
        "]",
        "MERGE",
        "USING",
        "COPY",
        "CREATE",
        "TABLE",
        "ALTER",
        "ADD",
        "ON",
        "CONFLICT",
        "DO",
    ]
)


@given(st.lists(_WORDS, max_size=25).map(" ".join))
def test_no_heap_of_sql_words_makes_the_reader_fail(text: str) -> None:
    for use in read_sql(text):
        assert use == UNREADABLE or use.table

"""Database drivers, object mappers and stores without SQL: which table, which operation, which database."""

from __future__ import annotations

import pytest
from source_trees import architecture, see

from quantafit.model import DataStore, Quantum

WRITES, READS = "write", "read"

STORES: dict[str, tuple[str, set[tuple[str, str, str | None]]]] = {
    "psycopg": (
        """
        import os
        import psycopg

        def go():
            with psycopg.connect(os.environ.get("DSN", "postgresql://u:p@db/billing")) as connection:
                connection.execute("INSERT INTO cards (n) VALUES (%s)", (1,))
                with connection.cursor() as cursor:
                    cursor.execute("SELECT n FROM billing.bills")
        """,
        {("cards", WRITES, "db/billing"), ("billing.bills", READS, "db/billing")},
    ),
    "psycopg2, by keywords": (
        """
        import psycopg2

        class Cards:
            def __init__(self):
                self.connection = psycopg2.connect(host="db", dbname="billing", user="x")

            def add(self):
                self.connection.cursor().execute("UPDATE cards SET n = 1")
        """,
        {("cards", WRITES, "db/billing")},
    ),
    "psycopg2, by a text of keywords": (
        """
        import psycopg2

        def go():
            psycopg2.connect("host=db port=5433 dbname=billing user=x password=y").cursor().execute("DELETE FROM cards")
        """,
        {("cards", WRITES, "db:5433/billing")},
    ),
    "pools": (
        """
        from psycopg2.pool import SimpleConnectionPool
        from psycopg_pool import ConnectionPool

        old = SimpleConnectionPool(1, 2, dsn="postgresql://db/billing")
        new = ConnectionPool("postgresql://db/letters")

        def go():
            old.getconn().cursor().execute("DELETE FROM cards")
            with new.connection() as connection:
                connection.execute("SELECT n FROM letters")
        """,
        {("cards", WRITES, "db/billing"), ("letters", READS, "db/letters")},
    ),
    "asyncpg": (
        """
        import asyncpg

        async def go():
            pool = await asyncpg.create_pool(dsn="postgresql://db/billing")
            async with pool.acquire() as connection:
                await connection.fetchrow("SELECT n FROM cards WHERE n = $1", 1)
            await pool.execute("DELETE FROM bills")
        """,
        {("cards", READS, "db/billing"), ("bills", WRITES, "db/billing")},
    ),
    "MySQL": (
        """
        import aiomysql
        import mysql.connector
        import pymysql

        async def go():
            with pymysql.connect(host="db", database="billing").cursor() as cursor:
                cursor.execute("INSERT INTO cards VALUES (1)")
            mysql.connector.connect(host="db", database="billing").cursor().execute("SELECT n FROM bills")
            pool = await aiomysql.create_pool(host="db", db="letters")
            async with pool.acquire() as connection, connection.cursor() as cursor:
                await cursor.execute("SELECT n FROM letters")
        """,
        {("cards", WRITES, "db/billing"), ("bills", READS, "db/billing"), ("letters", READS, "db/letters")},
    ),
    "files": (
        """
        import aiosqlite
        import duckdb

        async def go():
            duckdb.connect("/data/x.duckdb").execute("SELECT n FROM cards")
            async with aiosqlite.connect("/data/billing") as connection:
                await connection.execute("INSERT INTO bills VALUES (1)")
        """,
        {("cards", READS, "/data/x.duckdb"), ("bills", WRITES, "/data/billing")},
    ),
    "databases": (
        """
        from databases import Database

        database = Database("postgresql://db/billing")

        async def go():
            await database.execute("INSERT INTO cards VALUES (1)")
            await database.fetch_all(query="SELECT n FROM bills")
        """,
        {("cards", WRITES, "db/billing"), ("bills", READS, "db/billing")},
    ),
    "ClickHouse": (
        """
        import clickhouse_connect

        def go():
            clickhouse_connect.get_client(host="click", database="billing").query("SELECT n FROM cards")
        """,
        {("cards", READS, "click/billing")},
    ),
    "MongoDB by Flask": (
        """
        from flask import Flask
        from flask_pymongo import PyMongo

        mongo = PyMongo()
        other = PyMongo(uri="mongodb://other/letters")

        def create_app():
            app = Flask(__name__)
            app.config["MONGO_URI"] = "mongodb://mongo:27017/billing"
            mongo.init_app(app)
            return app

        def go(number):
            mongo.db.cards.insert_one({"n": number})
            return mongo.db.bills.find_one_or_404({"n": number}), other.db.letters.delete_one({})
        """,
        {
            ("cards", WRITES, "mongo:27017/billing"),
            ("bills", READS, "mongo:27017/billing"),
            ("letters", WRITES, "other/letters"),
        },
    ),
    "MongoDB": (
        """
        from motor.motor_asyncio import AsyncIOMotorClient
        from pymongo import MongoClient

        async def go():
            database = MongoClient("mongodb://mongo:27017")["billing"]
            database.cards.insert_one({"n": 1})
            database["bills"].find_one({"n": 1})
            await AsyncIOMotorClient("mongodb://mongo:27017").letters.letters.update_one({}, {"$set": {"n": 1}})
        """,
        {
            ("cards", WRITES, "mongo:27017/billing"),
            ("bills", READS, "mongo:27017/billing"),
            ("letters", WRITES, "mongo:27017/letters"),
        },
    ),
    "Cassandra": (
        """
        from cassandra.cluster import Cluster

        session = Cluster(["cassandra"]).connect("billing")

        def go():
            session.execute("SELECT n FROM cards")
        """,
        {("cards", READS, "cassandra/billing")},
    ),
    "Elasticsearch, DynamoDB": (
        """
        import boto3
        from elasticsearch import Elasticsearch

        def go():
            Elasticsearch("http://es:9200").index(index="cards", document={"n": 1})
            boto3.resource("dynamodb").Table("bills").put_item(Item={"n": 1})
        """,
        {("cards", WRITES, "es:9200/"), ("bills", WRITES, None)},
    ),
    "Django's models": (
        """
        from django.db import connection, models

        class Card(models.Model):
            n = models.CharField(max_length=3)

            class Meta:
                db_table = "cards"

        def go():
            Card.objects.create(n="1")
            connection.cursor().execute("SELECT n FROM bills")
        """,
        {("cards", WRITES, None), ("bills", READS, None)},
    ),
    "Django's query sets": (
        """
        from django.db import models

        class Card(models.Model):
            n = models.CharField(max_length=3)

        async def go():
            Card.objects.filter(n="1").update(n="2")
            await Card.objects.aget(n="1")
            Card(n="1").save()
        """,
        {("card", WRITES, None), ("card", READS, None)},
    ),
    "peewee": (
        """
        from peewee import CharField, Model, PostgresqlDatabase

        database = PostgresqlDatabase("billing", host="db")

        class Card(Model):
            n = CharField()

            class Meta:
                database = database
                table_name = "cards"

        def go():
            Card.create(n="1")
            Card.select().where(Card.n == "1")
        """,
        {("cards", WRITES, None), ("cards", READS, None)},
    ),
    "Tortoise": (
        """
        from tortoise import fields
        from tortoise.models import Model

        class Card(Model):
            n = fields.CharField(max_length=2)

        async def go():
            await Card.filter(n="1")
            await Card(n="1").save()
        """,
        {("card", WRITES, None), ("card", READS, None)},
    ),
    "MongoEngine and Beanie": (
        """
        import beanie
        import mongoengine

        class Card(mongoengine.Document):
            meta = {"collection": "cards"}

        class Bill(beanie.Document):
            class Settings:
                name = "bills"

        async def go():
            Card.objects(n="1").first()
            await Bill(n="1").insert()
        """,
        {("cards", READS, None), ("bills", WRITES, None)},
    ),
    "Redis OM": (
        """
        from redis_om import HashModel, Migrator, get_redis_connection

        redis = get_redis_connection(host="store", port=6379)

        class Card(HashModel):
            number: str

            class Meta:
                database = redis

        def go():
            card = Card(number="1").save()
            Card.delete(card.pk)
            print(card.dict())
            Migrator().run()
            return [Card.get(key) for key in Card.all_pks()], Card.find(Card.number == "1").all()
        """,
        {("card", WRITES, None), ("card", READS, None)},
    ),
    "Flask-SQLAlchemy": (
        """
        from flask_sqlalchemy import SQLAlchemy

        db = SQLAlchemy()

        class Card(db.Model):
            __tablename__ = "cards"
            id = db.Column(db.Integer, primary_key=True)

        def go(given):
            db.session.add(Card(id=1))
            db.session.delete(Card.query.get(given))
            db.session.delete(Card.query.filter_by(id=given).first_or_404())
            db.session.commit()
            return Card.query.order_by(Card.id).all()
        """,
        {("cards", WRITES, None), ("cards", READS, None)},
    ),
}


FLASK = """
    import os
    from flask import Flask
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    {settings}
    db = SQLAlchemy()
    db.init_app(app)

    class Card(db.Model):
        id = db.Column(db.Integer, primary_key=True)

    def go():
        db.session.add(Card(id=1))
        return Card.query.filter(Card.id == 1).first()
    """
URI = 'app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DB", "mysql://u:p@billing-db/cards")'
SETTINGS: dict[str, tuple[str, str | None]] = {
    "a setting": (URI, "billing-db/cards"),
    "settings together": ('app.config.update(SQLALCHEMY_DATABASE_URI="mysql://u:p@one/cards")', "one/cards"),
    "no setting": ("", None),
    "further databases": (f"{URI}\n    app.config['SQLALCHEMY_BINDS'] = {{'more': 'mysql://u:p@two/cards'}}", None),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_flasks_settings_tell_where_its_models_are_kept(name: str) -> None:
    settings, datastore = SETTINGS[name]
    seen = see({"customer/app.py": FLASK.format(settings=settings)})
    assert {(use.operation, use.datastore) for use in seen.map.tables} == {(WRITES, datastore), (READS, datastore)}
    assert {use.identity for use in seen.map.datastores} == {datastore} - {None}


@pytest.mark.parametrize("name", STORES)
def test_a_table_is_read_or_written(name: str) -> None:
    text, expected = STORES[name]
    seen = see({"customer/app.py": text})
    assert {(use.table, use.operation, use.datastore) for use in seen.map.tables} == expected
    assert seen.unresolved() == []


def test_another_quantums_database_is_told_by_its_host() -> None:
    quanta = (
        Quantum("customer", ("customer",)),
        Quantum("billing", ("billing",), datastores=(DataStore("billing-db", hosts=("billing-db",)),)),
    )
    seen = see(
        {
            "customer/app.py": """
                import asyncpg

                async def go():
                    connection = await asyncpg.connect(host="billing-db", database="billing")
                    await connection.fetch("SELECT n FROM cards")  # SITE
                """
        },
        architecture(quanta),
    )
    assert seen.sites("billing", mechanism="database") == seen.marked()


def test_the_databases_of_one_server_are_two() -> None:
    """A MongoDB server is shared by many; what tells databases apart is the server with the name."""
    text = """
        from pymongo import MongoClient

        def go():
            MongoClient("mongodb://mongo")["{}"].cards.insert_one({{}})
        """
    seen = see({"customer/app.py": text.format("customer"), "billing/app.py": text.format("billing")})
    assert {use.datastore for use in seen.map.tables} == {"mongo/customer", "mongo/billing"}


LOOK_ALIKES = {
    "other things that execute": """
        class Plan:
            def execute(self, text): ...

        def go():
            Plan().execute("INSERT INTO cards VALUES (1)")
        """,
    "a model that is a record": """
        from pydantic import BaseModel

        class Card(BaseModel):
            n: str

        def go():
            return Card(n="1").model_dump()
        """,
    "a connection that changes nothing": """
        import psycopg

        def go():
            with psycopg.connect("postgresql://db/x") as connection:
                connection.execute("SELECT 1")
                connection.rollback()
        """,
}


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_uses_no_table_is_silent(name: str) -> None:
    seen = see({"customer/app.py": LOOK_ALIKES[name]})
    assert (list(seen.map.tables), seen.unresolved()) == ([], [])


DJANGO = {
    "customer/cards/models.py": """
        from django.db import models

        class Card(models.Model):
            n = models.CharField(max_length=3)

        def go():
            Card.objects.create(n="1")  # SITE
        """,
    "customer/shop/settings.py": """
        import os

        DATABASES = {"default": {"NAME": "billing", "HOST": os.environ.get("DB_HOST", "billing-db")}}
        """,
}


@pytest.mark.parametrize("package", ["django.db", "djongo", "django.contrib.gis.db"])
def test_the_models_of_django_are_tables_wherever_they_are_taken_from(package: str) -> None:
    models = DJANGO["customer/cards/models.py"].replace("django.db", package)
    seen = see(DJANGO | {"customer/cards/models.py": models})
    assert {(use.table, use.operation) for use in seen.map.tables} == {("card", "write")}


def test_djangos_database_is_that_of_its_settings() -> None:
    billing = Quantum("billing", ("billing",), datastores=(DataStore("billing-db", hosts=("billing-db",)),))
    declared = architecture((Quantum("customer", ("customer",)), billing))
    seen = see(DJANGO, declared)
    assert seen.sites("billing", mechanism="database") == seen.marked()
    assert see(DJANGO | {".env": "DB_HOST=other\n"}, declared).to() == set()


def test_a_database_of_django_without_a_host_is_a_file_of_its_own() -> None:
    settings = 'DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}\n'
    seen = see(DJANGO | {"customer/shop/settings.py": settings})
    assert {use.datastore for use in seen.map.tables} == {None}

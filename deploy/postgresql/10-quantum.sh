#!/bin/sh
# Run once by the PostgreSQL image: the database of one quantum, the role that owns it and its tables, as which it is
# migrated, and the role that its units work as. The units' role can neither become the owner nor make a table; it may
# read and write the rows of those that the owner makes, but for what the migrations take from it. None is a superuser.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --set=name="$QUANTUM" --set=password="$QUANTUM_PASSWORD" \
    --set=owner="${QUANTUM}_owner" --set=owner_password="$QUANTUM_OWNER_PASSWORD" <<'SQL'
CREATE ROLE :"owner" LOGIN PASSWORD :'owner_password';
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"owner";
REVOKE CONNECT, TEMPORARY ON DATABASE :"name" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"name" TO :"name";
\connect :"name"
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
SET ROLE :"owner";
-- Alembic's own table, before the others: the units read in it which version the database is at.
CREATE TABLE alembic_version (version_num VARCHAR(32) CONSTRAINT alembic_version_pkc PRIMARY KEY);
GRANT SELECT ON alembic_version TO :"name";
ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"name";
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO :"name";
SQL

#!/bin/sh
# Run once by the PostgreSQL image: the database of one quantum and the role that owns it. The role is no superuser, so
# that the grants of the migrations bind it.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --set=name="$QUANTUM" --set=password="$QUANTUM_PASSWORD" <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL

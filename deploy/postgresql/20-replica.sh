#!/bin/sh
# Run once in the customers' database: what either way of copying the support contracts needs. For the ETL job a
# principal that may connect, no more; the customers' migrations grant it the one table that it fills. For replication
# the password of its principal at sysops, in a file of the server's own: in the subscription everybody could read it.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --set=password="$SYSOPS_ETL_PASSWORD" <<'SQL'
CREATE ROLE sysops_etl LOGIN PASSWORD :'password' CONNECTION LIMIT 3;
GRANT CONNECT ON DATABASE customer TO sysops_etl;
SQL
umask 077
printf '*:*:sysops:customer_replication:%s\n' "$CUSTOMER_REPLICATION_PASSWORD" >"${REPLICATION_PASSFILE:-$PGDATA/replication.pgpass}"

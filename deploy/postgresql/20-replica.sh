#!/bin/sh
# Run once in the customers' database: the principal of the contracts ETL. It may connect, no more; the customers'
# migrations grant it the one table that it fills.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --set=password="$SYSOPS_ETL_PASSWORD" <<'SQL'
CREATE ROLE sysops_etl LOGIN PASSWORD :'password' CONNECTION LIMIT 3;
GRANT CONNECT ON DATABASE customer TO sysops_etl;
SQL

#!/bin/sh
# Run once in sysops' database: the principal by which the customers' database follows the support contracts, where the
# deployment has chosen replication. It may read the published columns of one table; sysops' migrations grant them.
set -eu
psql --set=ON_ERROR_STOP=1 --username=postgres --set=password="$CUSTOMER_REPLICATION_PASSWORD" <<'SQL'
CREATE ROLE customer_replication LOGIN REPLICATION PASSWORD :'password' CONNECTION LIMIT 4;
GRANT CONNECT ON DATABASE sysops TO customer_replication;
SQL

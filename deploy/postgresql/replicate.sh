#!/bin/sh
# Lets the customers' database follow sysops' support contracts by logical replication, in place of the ETL job. Run by
# an administrator, and at sysops as the owner of its tables, once both databases are migrated; running it again changes nothing. Where each server is:
# SYSOPS_SERVER and CUSTOMER_SERVER, as "host=… port=…".
set -eu
here=$(dirname "$0")

ask() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"; }
sysops() { PGPASSWORD=$SYSOPS_DB_OWNER_PASSWORD ask "${SYSOPS_SERVER:-host=sysops-db} dbname=sysops user=sysops_owner" "$@"; }
customer() {
    PGPASSWORD=$CUSTOMER_DB_ADMIN_PASSWORD \
        ask "${CUSTOMER_SERVER:-host=customer-db} dbname=customer user=postgres" "$@"
}

# wait_for WHERE
wait_for() {
    left=${WAIT_SECONDS:-120}
    until [ "$("$1" -c "SELECT to_regclass('support_contract') IS NOT NULL" 2>&1)" = t ]; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || { echo "the $1 database has no table support_contract: is it migrated?" >&2; exit 1; }
        sleep 1
    done
}

wait_for sysops
wait_for customer
[ "$(sysops -c 'SHOW wal_level')" = logical ] || { echo "sysops' server must run with wal_level=logical" >&2; exit 1; }
if [ -z "$(sysops -c "SELECT 1 FROM pg_publication WHERE pubname = 'support_contracts'")" ]; then
    sysops -f "$here/publication.sql"
fi
if [ -z "$(customer -c "SELECT 1 FROM pg_subscription WHERE subname = 'support_contracts'")" ]; then
    # From here on nobody but the subscription writes the replica, and the first copy needs it empty.
    customer -c "REVOKE INSERT, UPDATE, DELETE ON support_contract FROM sysops_etl" -c "TRUNCATE support_contract"
    customer -f "$here/subscription.sql"
    if [ "$(customer -c "SELECT current_setting('server_version_num')::int >= 160000")" = t ]; then
        # Since PostgreSQL 16 rows are applied as the owner of the table, who may only read this one.
        customer -c "ALTER SUBSCRIPTION support_contracts SET (run_as_owner = true)"
    fi
fi
echo "the customers' database follows sysops' support contracts"

#!/bin/sh
# Puts the password hashes into the definitions, which are imported at every start, and runs the server.
set -eu
hash() { rabbitmqctl -q hash_password "$1" | tail -n 1; }
umask 077
sed -e "s|CUSTOMER_PASSWORD_HASH|$(hash "$CUSTOMER_RABBITMQ_PASSWORD")|" \
    -e "s|SYSOPS_PASSWORD_HASH|$(hash "$SYSOPS_RABBITMQ_PASSWORD")|" \
    -e "s|BILLING_PASSWORD_HASH|$(hash "$BILLING_RABBITMQ_PASSWORD")|" \
    -e "s|REPORTING_PASSWORD_HASH|$(hash "$REPORTING_RABBITMQ_PASSWORD")|" \
    -e "s|OPERATOR_PASSWORD_HASH|$(hash "$OPERATOR_RABBITMQ_PASSWORD")|" \
    "${DEFINITIONS:-/etc/rabbitmq/definitions.json}" > /var/lib/rabbitmq/definitions.json
chown rabbitmq: /var/lib/rabbitmq/definitions.json
exec docker-entrypoint.sh rabbitmq-server

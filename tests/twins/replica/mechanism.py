"""Twins of ``replica/mechanism``: the replica is fed with more than the support contracts, or in another way."""

from twinning import SYSOPS, Fails, LookAlike, Twin, Unproven, replace

RULE = "replica/mechanism"
SUBJECT = "support-contracts"
DECLARATION = "quanta.yaml"
REPLICATION = "replication: {table: support_contract, max_staleness: 1h}"
PUBLICATION = "deploy/postgresql/publication.sql"
SUBSCRIPTION = "deploy/postgresql/subscription.sql"
COLUMNS = "(code, name, description, monthly_price_cents, currency)"
OPERATIONS = "publish = 'insert, update, delete, truncate'"
MADE = "CREATE PUBLICATION"

TWINS = (
    Twin(
        "sysops publishes every table to the customers' database",
        (replace(PUBLICATION, f"FOR TABLE support_contract {COLUMNS}", "FOR ALL TABLES"),),
        (Fails(RULE, SUBJECT, PUBLICATION, MADE),),
    ),
    Twin(
        "it publishes the tickets beside the support contracts",
        (replace(PUBLICATION, COLUMNS, f"{COLUMNS}, ticket"),),
        (Fails(RULE, SUBJECT, PUBLICATION, MADE),),
    ),
    Twin(
        "a contract that sysops withdraws stays in the replica",
        (replace(PUBLICATION, OPERATIONS, "publish = 'insert, update'"),),
        (Fails(RULE, SUBJECT, PUBLICATION, MADE),),
    ),
    Twin(
        "it publishes every column, and some are declared",
        (
            replace(PUBLICATION, f"support_contract {COLUMNS}", "support_contract"),
            replace(DECLARATION, REPLICATION, REPLICATION.replace("max", "columns: [code, name], max")),
        ),
        (Fails(RULE, SUBJECT, PUBLICATION, MADE),),
    ),
    Twin(
        "a job is declared, and a subscription feeds the replica too",
        (replace(DECLARATION, REPLICATION, REPLICATION.replace("max", "mechanism: etl, max")),),
        (Fails(RULE, SUBJECT, SUBSCRIPTION, "CREATE SUBSCRIPTION"),),
    ),
    Twin(
        "logical replication is declared, and a job writes the replica too",
        (replace(DECLARATION, REPLICATION, REPLICATION.replace("max", "mechanism: native, max")),),
        (
            Fails(RULE, SUBJECT, f"{SYSOPS}/contracts_etl.py", "connection.execute(insert(REPLICA)"),
            Fails(RULE, SUBJECT, f"{SYSOPS}/contracts_etl.py", "connection.execute(update(REPLICA)"),
            Fails(RULE, SUBJECT, f"{SYSOPS}/contracts_etl.py", "connection.execute(delete(REPLICA)"),
        ),
        (Unproven("replica/live-link", SUBJECT, "what is declared to run is seen on running servers only"),),
    ),
)

LOOK_ALIKES = (
    LookAlike(
        "sysops publishes some columns of the table that is declared",
        (replace(PUBLICATION, COLUMNS, "(code, name)"),),
    ),
    LookAlike(
        "the columns that it publishes are declared",
        (
            replace(
                DECLARATION,
                REPLICATION,
                REPLICATION.replace("max", f"columns: [{COLUMNS[1:-1]}], max"),
            ),
        ),
    ),
    LookAlike(
        "another publication is for all tables, and nobody subscribes to it",
        (replace(PUBLICATION, "truncate');", "truncate');\nCREATE PUBLICATION audit FOR ALL TABLES;"),),
    ),
)

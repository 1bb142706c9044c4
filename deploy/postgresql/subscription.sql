-- How the customers' database follows. The password is in the server's own file, see 20-replica.sh.
CREATE SUBSCRIPTION support_contracts
    CONNECTION 'host=sysops-db port=5432 dbname=sysops user=customer_replication passfile=/var/lib/postgresql/data/replication.pgpass connect_timeout=10'
    PUBLICATION support_contracts;

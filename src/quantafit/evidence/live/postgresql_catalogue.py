"""The questions that are asked of PostgreSQL's catalogues, versions 13 to 18.

All of them can be asked by a plain role that may log in and connect, but for those with ``right``: what has to be
granted for it. Names are written with their schema, so that no search path of the database leads them astray.
"""

from __future__ import annotations

from dataclasses import dataclass

OLDEST = 130000
"""The first version that is asked (``server_version_num``): the first whose slots tell whether changes were lost."""

LISTS_AND_FILTERS = 150000
"""From here on a publication can name columns, filter rows and publish schemas."""


@dataclass(frozen=True, slots=True)
class Question:
    """One query. ``what`` it tells, in words; ``right``: what to grant where it is refused; ``since`` which version."""

    what: str
    sql: str
    right: str = ""
    since: int = OLDEST


_OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'"
_GRANTEE = "CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee) END"

IDENTITY = Question(
    "which server it is",
    "SELECT system_identifier::text, pg_catalog.pg_postmaster_start_time()::text FROM pg_catalog.pg_control_system()",
    "EXECUTE ON FUNCTION pg_catalog.pg_control_system()",
)
EXTENSIONS = Question("its extensions", "SELECT extname FROM pg_catalog.pg_extension ORDER BY 1")
DATABASES = Question(
    "the databases of the server",
    "SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba) FROM pg_catalog.pg_database d"
    " WHERE d.datallowconn AND NOT d.datistemplate ORDER BY 1",
)
DATABASE_GRANTS = Question(
    "who may connect",
    f"SELECT d.datname, {_GRANTEE}, a.privilege_type FROM pg_catalog.pg_database d,"
    " pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba))) a"
    " WHERE d.datallowconn AND NOT d.datistemplate ORDER BY 1, 2, 3",
)
ROLES = Question(
    "the roles",
    "SELECT r.rolname, r.rolcanlogin, r.rolsuper, r.rolcreaterole, r.rolbypassrls, r.rolreplication,"
    " ARRAY(SELECT b.rolname::text FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles b ON b.oid = m.roleid"
    " WHERE m.member = r.oid ORDER BY 1) FROM pg_catalog.pg_roles r ORDER BY 1",
)
WORKING = Question(
    "who is connected",
    "SELECT DISTINCT pg_catalog.pg_get_userbyid(a.usesysid) FROM pg_catalog.pg_stat_activity a"
    " WHERE a.datname = pg_catalog.current_database() AND a.usesysid IS NOT NULL"
    " AND a.pid <> pg_catalog.pg_backend_pid() ORDER BY 1",
)
TABLES = Question(
    "the tables",
    "SELECT c.oid, n.nspname, c.relname, c.relkind::text, pg_catalog.pg_get_userbyid(c.relowner),"
    " ARRAY(SELECT pn.nspname || '.' || p.relname FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class p"
    " ON p.oid = i.inhparent JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace"
    " WHERE i.inhrelid = c.oid ORDER BY 1)"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS} ORDER BY 2, 3",
)
COLUMNS = Question(
    "the columns",
    "SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a"
    " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    f" WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS}"
    " ORDER BY a.attrelid, a.attnum",
)
TABLE_GRANTS = Question(
    "the rights on tables",
    f"SELECT c.oid, {_GRANTEE}, a.privilege_type FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,"
    " pg_catalog.aclexplode(coalesce(c.relacl, pg_catalog.acldefault('r', c.relowner))) a"
    f" WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OURS} ORDER BY 1, 2, 3",
)
COLUMN_GRANTS = Question(
    "the rights on columns",
    f"SELECT t.attrelid, {_GRANTEE}, a.privilege_type, t.attname FROM pg_catalog.pg_attribute t"
    " JOIN pg_catalog.pg_class c ON c.oid = t.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace,"
    f" pg_catalog.aclexplode(t.attacl) a WHERE t.attacl IS NOT NULL AND NOT t.attisdropped AND {_OURS}"
    " ORDER BY 1, 2, 3, 4",
)
# A view that can be written, and a rule, change their tables with the rights of their owner, unless the view says
# otherwise (security_invoker).
WRITES_THROUGH = Question(
    "what views and rules write",
    "SELECT DISTINCT w.ev_class, n2.nspname || '.' || c2.relname FROM pg_catalog.pg_rewrite w"
    " JOIN pg_catalog.pg_class c ON c.oid = w.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid"
    " AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> w.ev_class"
    " JOIN pg_catalog.pg_class c2 ON c2.oid = d.refobjid JOIN pg_catalog.pg_namespace n2 ON n2.oid = c2.relnamespace"
    " WHERE c2.relkind IN ('r', 'p', 'v', 'f') AND (w.ev_type <> '1' OR c.relkind = 'v'"
    " AND pg_catalog.pg_relation_is_updatable(c.oid, false) <> 0"
    " AND NOT coalesce(c.reloptions::text[] && ARRAY['security_invoker=true', 'security_invoker=on',"
    " 'security_invoker=1', 'security_invoker=yes'], false))"
    f" AND {_OURS} ORDER BY 1, 2",
)
FOREIGN_KEYS = Question(
    "the foreign keys",
    "SELECT k.conrelid, k.conname, fn.nspname || '.' || f.relname FROM pg_catalog.pg_constraint k"
    " JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_class f ON f.oid = k.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace"
    f" WHERE k.contype = 'f' AND k.conparentid = 0 AND {_OURS} ORDER BY 1, 2",
)
ROUTINES = Question(
    "the functions that run with other rights, or open connections",
    "SELECT p.oid, n.nspname || '.' || p.proname, pg_catalog.pg_get_userbyid(p.proowner), p.prosecdef,"
    " pg_catalog.pg_get_functiondef(p.oid), p.prorettype NOT IN ('pg_catalog.trigger'::pg_catalog.regtype,"
    " 'pg_catalog.event_trigger'::pg_catalog.regtype), EXISTS (SELECT FROM pg_catalog.pg_trigger t"
    " WHERE t.tgfoid = p.oid"
    " AND NOT t.tgisinternal) FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
    " JOIN pg_catalog.pg_language l ON l.oid = p.prolang"
    f" WHERE p.prokind IN ('f', 'p') AND l.lanname NOT IN ('c', 'internal') AND {_OURS}"
    " AND (p.prosecdef OR p.prosrc ILIKE '%dblink%') ORDER BY 2, 1",
)
ROUTINE_GRANTS = Question(
    "who may call functions",
    f"SELECT p.oid, {_GRANTEE} FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace,"
    " pg_catalog.aclexplode(coalesce(p.proacl, pg_catalog.acldefault('f', p.proowner))) a"
    f" WHERE p.prosecdef AND a.privilege_type = 'EXECUTE' AND {_OURS} ORDER BY 1, 2",
)
PUBLICATIONS = Question(
    "the publications",
    "SELECT p.oid, p.pubname, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate"
    " FROM pg_catalog.pg_publication p ORDER BY 2",
)
PUBLISHED = Question(
    "the published tables",
    "SELECT t.pubname, t.schemaname, t.tablename FROM pg_catalog.pg_publication_tables t ORDER BY 1, 2, 3",
)
PUBLISHED_COLUMNS = Question(
    "the published columns and rows",
    "SELECT t.pubname, t.schemaname, t.tablename, t.attnames::text[], t.rowfilter,"
    " EXISTS (SELECT FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid"
    " JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE p.pubname = t.pubname AND n.nspname = t.schemaname AND c.relname = t.tablename AND r.prattrs IS NOT NULL)"
    " FROM pg_catalog.pg_publication_tables t ORDER BY 1, 2, 3",
    since=LISTS_AND_FILTERS,
)
PUBLISHED_SCHEMAS = Question(
    "the published schemas",
    "SELECT p.pubname, n.nspname FROM pg_catalog.pg_publication_namespace s"
    " JOIN pg_catalog.pg_publication p ON p.oid = s.pnpubid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = s.pnnspid ORDER BY 1, 2",
    since=LISTS_AND_FILTERS,
)
SUBSCRIPTIONS = Question(
    "the subscriptions",
    "SELECT s.oid, s.subname, pg_catalog.pg_get_userbyid(s.subowner), s.subenabled, s.subslotname::text,"
    " s.subpublications::text[], EXISTS (SELECT FROM pg_catalog.pg_stat_subscription w WHERE w.subid = s.oid"
    " AND w.relid IS NULL AND w.pid IS NOT NULL AND w.received_lsn IS NOT NULL)"
    " FROM pg_catalog.pg_subscription s WHERE s.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d"
    " WHERE d.datname = pg_catalog.current_database()) ORDER BY 2",
)
SUBSCRIBED = Question(
    "the subscribed tables",
    "SELECT r.srsubid, n.nspname || '.' || c.relname, r.srsubstate::text FROM pg_catalog.pg_subscription_rel r"
    " JOIN pg_catalog.pg_class c ON c.oid = r.srrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " ORDER BY 1, 2",
)
PUBLISHERS = Question(
    "which server a subscription connects to",
    "SELECT s.oid, s.subconninfo FROM pg_catalog.pg_subscription s",
    "SELECT (subconninfo) ON pg_catalog.pg_subscription",
)
SLOTS = Question(
    "the replication slots",
    "SELECT s.slot_name::text, s.active, coalesce(s.wal_status = 'lost', false),"
    " pg_catalog.pg_wal_lsn_diff(CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_receive_lsn()"
    " ELSE pg_catalog.pg_current_wal_lsn() END, s.confirmed_flush_lsn)::bigint"
    " FROM pg_catalog.pg_replication_slots s WHERE s.slot_type = 'logical'"
    " AND s.database = pg_catalog.current_database() ORDER BY 1",
)
FOREIGN_SERVERS = Question(
    "the foreign servers",
    "SELECT s.oid, s.srvname, w.fdwname, coalesce(s.srvoptions, '{}')::text[] FROM pg_catalog.pg_foreign_server s"
    " JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY 2",
)
FOREIGN_TABLES = Question(
    "the foreign tables",
    "SELECT f.ftserver, n.nspname || '.' || c.relname FROM pg_catalog.pg_foreign_table f"
    " JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " ORDER BY 1, 2",
)

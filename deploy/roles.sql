-- The two roles of Counterpoise, for the database that psql is connected to (docs/deployment.md says when and how).
--
--   OWNER_ROLE=… RUNTIME_ROLE=… [OWNER_PASSWORD=… RUNTIME_PASSWORD=…] psql --file deploy/roles.sql ADDRESS
--
-- The owner has the tables and changes them (`manage.py migrate`, by DATABASE_OWNER_URL); the runtime role reads and
-- writes rows (everything else, by DATABASE_URL). Run by whoever may create roles: a superuser, or the admin of a
-- managed PostgreSQL, who then is the owner as well. Running it again changes nothing but what is written here.
\set ON_ERROR_STOP on
\getenv owner OWNER_ROLE
\getenv owner_password OWNER_PASSWORD
\getenv runtime RUNTIME_ROLE
\getenv runtime_password RUNTIME_PASSWORD

-- A new role is neither superuser nor BYPASSRLS, and may create neither roles nor databases.
SELECT format('CREATE ROLE %I LOGIN', wanted.name) FROM (VALUES (:'owner'), (:'runtime')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) \gexec
\if :{?owner_password}
ALTER ROLE :"owner" PASSWORD :'owner_password';
\endif
\if :{?runtime_password}
ALTER ROLE :"runtime" PASSWORD :'runtime_password';
\endif

-- The patience of the web. Set on the role, since a pooler hands on no options of a connection; a job that needs
-- longer says so in its own transaction (apps/core/timeouts.py).
ALTER ROLE :"runtime" SET statement_timeout = '20s';
ALTER ROLE :"runtime" SET lock_timeout = '5s';
ALTER ROLE :"runtime" SET idle_in_transaction_session_timeout = '120s';

-- The owner of the database has its schema too, and may install the extensions that migrations ask for. What the
-- runtime role may do with the tables, `migrate` grants it.
SELECT format('ALTER DATABASE %I OWNER TO %I', datname, :'owner') FROM pg_database
WHERE datname = current_database() AND datdba <> :'owner'::regrole \gexec
REVOKE CREATE ON SCHEMA public FROM PUBLIC;

-- What another role made here before there were two changes hands.
SELECT format('ALTER TABLE %s OWNER TO %I', oid::regclass, :'owner') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm') AND relowner <> :'owner'::regrole
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
UNION ALL
SELECT format('ALTER ROUTINE %s OWNER TO %I', oid::regprocedure, :'owner') FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proowner <> :'owner'::regrole
    AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e') \gexec

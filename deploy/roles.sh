#!/bin/sh
# Makes the two roles when PostgreSQL's volume is made: the image runs it from /docker-entrypoint-initdb.d. Names and
# passwords are those of the two addresses, so that they are written down once.
set -eu
role_of() { sed -E 's#^postgres(ql)?://([^:@/]+):([^@]*)@.*$#\2#' "$1"; }
password_of() { sed -E 's#^postgres(ql)?://([^:@/]+):([^@]*)@.*$#\3#' "$1"; }

secrets=${SECRETS:-/run/secrets}
for name in database_url database_owner_url; do
  if ! grep -Eq '^postgres(ql)?://[A-Za-z0-9_-]+:[A-Za-z0-9_.~-]+@' "$secrets/$name"; then
    echo "$name must begin with postgresql://ROLE:PASSWORD@, both of letters, digits, - and _ only." >&2
    exit 1
  fi
done
OWNER_ROLE=$(role_of "$secrets/database_owner_url") OWNER_PASSWORD=$(password_of "$secrets/database_owner_url")
RUNTIME_ROLE=$(role_of "$secrets/database_url") RUNTIME_PASSWORD=$(password_of "$secrets/database_url")
export OWNER_ROLE OWNER_PASSWORD RUNTIME_ROLE RUNTIME_PASSWORD
psql --no-psqlrc --quiet --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --file="${ROLES:-/etc/counterpoise/roles.sql}"

#!/bin/sh
# Seeds the tables of the configuration. TABLES are their names, RELEASE has the seed; libpq's
# variables (PGHOST, PGDATABASE, …) and DATABASE_URL name the database.
#   check    exits with 0 when all tables have rows, with 1 when none has, else with 2
#   apply    seeds
#   revert   removes all rows; it is called only where this run has seeded
#   again    seeds once more, and fails when that changes a row
set -eu

sql() { psql -XAtq -v ON_ERROR_STOP=1 -c "$1"; }

rows() {
  for table in $TABLES; do
    echo "$table"
    sql "copy (select t from $table t order by t::text) to stdout"
  done
}

seed() { (cd "$RELEASE" && npm run --silent prisma:seed); }

case "$1" in
  check)
    with=0 without=0
    for table in $TABLES; do
      [ "$(sql "select exists (select from $table)")" = t ] && with=1 || without=1
    done
    [ "$with$without" = 10 ] && exit 0
    [ "$with$without" = 01 ] && exit 1
    exit 2
    ;;
  apply) seed ;;
  revert) for table in $TABLES; do sql "delete from $table"; done ;;
  again)
    before=$(rows)
    seed
    [ "$before" = "$(rows)" ] || { echo "the seed is not idempotent: a second time it changed rows of one of $TABLES" >&2; exit 1; }
    echo "twice the same rows"
    ;;
esac

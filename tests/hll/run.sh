#!/bin/bash
# Numbers of clients, by PostgreSQL's hll: it makes the same octets of the same hashes, unites sets to the same octets, and takes each
# set for as many clients as feedsync does. By hand; needs build/release with its tests. A private server below /tmp, on a socket.
set -euo pipefail

cd "$(dirname "$0")/../.."
. conf/packages.sh
need_packages postgresql-15 postgresql-15-hll
cmake --build build/release --target client-sets >/dev/null

directory=$(mktemp -d /tmp/weir-hll.XXXXXX)
programs=/usr/lib/postgresql/15/bin
as_server() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then # the server does not run as root
	chown postgres "$directory"
	as_server() { setpriv --reuid=postgres --regid=postgres --clear-groups --reset-env "$@"; }
fi
end() {
	as_server $programs/pg_ctl -D "$directory/db" -m immediate stop >/dev/null 2>&1 || true
	rm -rf "$directory"
}
trap end EXIT

cd "$directory/.."
as_server $programs/initdb -D "$directory/db" -A trust -U weir -N >"$directory/log" 2>&1 || { cat "$directory/log"; exit 1; }
as_server $programs/pg_ctl -D "$directory/db" -w -l "$directory/log.server" -o "-c listen_addresses='' -k $directory -c fsync=off" \
	start >>"$directory/log" 2>&1 || { cat "$directory"/log*; exit 1; }
cd "$OLDPWD"
ask() { psql -X -q -v ON_ERROR_STOP=1 -h "$directory" -U weir -d postgres "$@"; }

# The octets stand behind a header: version 1 and all registers, 4 bits and 2^6 of them, neither explicit nor sparse.
ask <<SQL
CREATE EXTENSION hll;
CREATE TABLE sets (number int PRIMARY KEY, first text, second text, united text, estimate float8);
CREATE TABLE hashes (number int, hash bigint);
CREATE FUNCTION read(octets text) RETURNS hll IMMUTABLE LANGUAGE sql AS 'SELECT (''\x146600'' || octets)::hll';
CREATE FUNCTION octets(h hll) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT substr(h::text, 9)';
SQL
for table in sets hashes; do
	build/release/bin/client-sets $table | ask -c "COPY $table FROM STDIN"
done

# Above 2^20, where all is used up, hll has no number (NaN); ours stays there.
ask -A -t -F ' ' <<SQL | tee "$directory/told"
SET extra_float_digits = 3;
SELECT count(*), 'estimates', count(*) FILTER (WHERE CASE #read(united) WHEN 'NaN' THEN estimate <> 2 ^ 20 ELSE
	abs((#read(united)) - estimate) > 1e-12 * estimate END), 'differ' FROM sets;
SELECT count(*), 'of these more than the registers can tell' FROM sets WHERE #read(united) = 'NaN';
SELECT count(*), 'unions', count(*) FILTER (WHERE octets(read(first) || read(second)) <> united), 'differ' FROM sets;
SELECT count(*), 'sets of', sum(n), 'hashes:', count(*) FILTER (WHERE octets(h) <> first), 'differ' FROM
	(SELECT number, count(*) AS n, hll_add_agg(hash::hll_hashval, 6, 4, 0, 0) AS h FROM hashes GROUP BY number) a JOIN sets USING (number);
SQL
[ "$(grep -c ' 0 differ$' "$directory/told")" -eq 3 ] || die "PostgreSQL's hll and ours differ"

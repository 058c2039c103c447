#!/bin/bash
# As root under systemd: see run.sh.
module=/usr/local/lib/weir/weir.so
guard=/usr/local/lib/weir/unbound-guard
own=/etc/unbound/unbound.conf.d/own.conf
cp -a /usr/local/lib/weir /srv/ours
cp /usr/sbin/unbound /usr/sbin/unbound-checkconf /srv/ours
failed=0
check() { # WORDS COMMAND...
	if "${@:2}" >/srv/said 2>&1; then echo "ok      $1"; else echo "FAILED  $1"; cat /srv/said; failed=$((failed + 1)); fi
}
ask() { dig @127.0.0.1 +tries=2 +time=2 "$1" A; }
alive() { systemctl is-active unbound && ask alive.test | tee /dev/stderr | grep -q 192.0.2.1; }
blocked() { ask evil.example | tee /dev/stderr | grep -q "EDE: 15"; }
protected() { alive && within 10 blocked; }
not() { ! "$@"; }
open() { alive && ! blocked; }
within() { for _ in $(seq "$1"); do "${@:2}" && return; sleep 1; done; return 1; }
told() { journalctl -q -u unbound -p err --since "@$since" | grep "$1"; }
since=$(date +%s)
restart() { since=$(date +%s); systemctl reset-failed unbound; systemctl restart unbound; }
binaries() { for program in unbound unbound-checkconf; do install "/srv/$1/$program" /usr/sbin/; done; }
whole() { rm -rf "$own" /usr/local/lib/weir; cp -a /srv/ours /usr/local/lib/weir; binaries ours; restart; }
no_roots() { ! find /var/lib/weir /var/lib/weir-unbound /run/weir -user root | grep .; }

within 30 systemctl is-active feedsync >/dev/null
check "installed as the how-to says: protected" protected
check "feedsync runs as its user" systemctl is-active feedsync
check "all is well, says status" within 20 feedsync status
check "nothing in the state directories is root's" no_roots
systemctl stop feedsync
echo more.example >>/srv/weir/list
check "a sync by root" feedsync sync
check "a sync by its user" setpriv --reuid=weir --regid=weir --clear-groups feedsync sync
check "still nothing is root's" no_roots
systemctl start feedsync
check "the unit is well formed" systemd-analyze verify --man=no feedsync.service unbound.service

for which in "unbound unbound-checkconf" unbound; do
	for program in $which; do install "/srv/debian/$program" /usr/sbin/; done
	restart
	check "Debian's $which is back: DNS goes on" open
	check "and it is said loudly" told "without dynlib.*WITHOUT PROTECTION"
	check "and status is not well" not feedsync status
	whole
	check "ours again: protected" protected
done

# A file is put in the place of the one that Unbound has mapped, as an upgrade does.
damage() {
	cp "$module" "$module.new"
	case $1 in
	gone) rm "$module.new" "$module"; return ;;
	empty) : >"$module.new" ;;
	"cut off") truncate -s 5000 "$module.new" ;;
	"no library") echo x >"$module.new" ;;
	"not readable") chmod 700 "$module.new" ;;
	esac
	mv "$module.new" "$module"
}
main_pid() { systemctl show -P MainPID unbound; }
for how in gone empty "cut off" "no library" "not readable"; do
	damage "$how"
	restart
	check "weir.so is $how: DNS goes on" open
	check "and it is said loudly" told "weir.so.*WITHOUT PROTECTION"
	whole
	damage "$how"
	before=$(main_pid)
	systemctl reload unbound
	sleep 1
	check "weir.so is $how at a reload: DNS goes on" open
	check "in the same process" test "$(main_pid)" = "$before"
	whole
	check "weir.so is there again: protected" protected
done

rm "$module"
restart
cp -a /srv/ours/weir.so "$module"
systemctl reload unbound
sleep 1
check "a reload does not put the module in" open
restart
check "a restart does" protected

install -m 644 /srv/weir/other.so "$module"
restart
check "weir.so of another Unbound: DNS goes on" open
check "and the module says so" sh -c "journalctl -q -u unbound | grep 'NOTHING IS BLOCKED'"
whole

mount -t tmpfs -o size=4k,nr_inodes=1 full /tmp
restart
check "/tmp is full: protected" protected
umount -l /tmp

rm /run/weir-unbound.conf
systemctl reload unbound
sleep 1
check "the snippet is gone at a reload: DNS goes on" alive
whole

printf 'server:\n\tmodule-config: "respip validator iterator"\n' >"$own"
restart
check "what was configured stays behind dynlib" test "$(unbound-checkconf -o module-config)" = "dynlib respip validator iterator"
check "and is protected" protected
restart
check "also the second time" test "$(unbound-checkconf -o module-config)" = "dynlib respip validator iterator"

printf 'server:\n\tmodule-config: "dynlib validator iterator"\ndynlib:\n\tdynlib-file: "%s"\n' "$module" >"$own"
restart
check "dynlib written by hand: protected" protected
binaries debian
restart
check "dynlib written by hand, Debian's Unbound: DNS goes on" open
check "and it is said loudly" told "WITHOUT PROTECTION"
whole

mv /etc/unbound/unbound.conf.d/zz-weir.conf /etc/unbound/unbound.conf.d/00-weir.conf
printf 'server:\n\tmodule-config: "validator iterator"\n' >"$own"
restart
check "another module-config behind the snippet: DNS goes on" open
check "and it is said loudly" told "sets module-config behind it.*WITHOUT PROTECTION"
mv /etc/unbound/unbound.conf.d/00-weir.conf /etc/unbound/unbound.conf.d/zz-weir.conf
whole

rm -r /usr/local/lib/weir
restart
check "module and guard are gone: DNS goes on" open
whole
check "and back: protected" protected

echo "nonsense: [" >/usr/local/etc/weir/feedsync.yaml
systemctl restart feedsync
check "a broken configuration: the unit fails, once" within 5 systemctl is-failed feedsync
check "and is not started again" sh -c 'sleep 11; systemctl show -p NRestarts,SubState feedsync | tee /dev/stderr | grep -qx NRestarts=0'
check "resolvers go on" protected

echo "$failed failed"
[ "$failed" -eq 0 ]

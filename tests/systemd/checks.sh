#!/bin/bash
# As root under systemd: see run.sh.
cd "$(dirname "$0")/../.." || exit 1
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
# What a how-to tells root to do: of the blocks of docs/howto/PAGE.md that are marked so, the one with this number.
follow() { # PAGE NUMBER
	awk -v wanted="$2" '/^```/ { on = $0 == "```sh root" && ++number == wanted; next } on' "docs/howto/$1.md" | bash -euxo pipefail
}
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

check "the module is taken out" follow switch-off 1
check "DNS goes on" open
install -m 644 /usr/local/share/weir/unbound-weir.conf /etc/unbound/unbound.conf.d/zz-weir.conf
restart
check "and put back: protected" protected
check "the last table is forgotten" follow switch-off 2
check "nothing is blocked" open
check "a sync" feedsync sync
check "protected again" protected

useradd monitor
check "a user for monitoring" follow monitor 1
check "who sees that all is well" within 20 setpriv --reuid=monitor --regid=monitor --init-groups feedsync status
echo key >misp.key
check "a key" follow misp 1
check "closed to others" test "$(stat -c %a:%G /usr/local/etc/weir/misp.key)" = 640:weir
check "Unbound's package is held" follow upgrade 1

echo "nonsense: [" >/usr/local/etc/weir/feedsync.yaml
systemctl restart feedsync
check "a broken configuration: the unit fails, once" within 5 systemctl is-failed feedsync
check "and is not started again" sh -c 'sleep 11; systemctl show -p NRestarts,SubState feedsync | tee /dev/stderr | grep -qx NRestarts=0'
check "resolvers go on" protected

check "all is taken out" follow install 1
check "DNS goes on" open
check "the files are removed" follow install 2
check "no program is left" test ! -e /usr/local/bin/feedsync
check "Unbound starts without any of it" sh -c 'systemctl restart unbound'
check "DNS goes on" open

echo "$failed failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# As root under systemd: see run.sh.
cd "$(dirname "$0")/../.." || exit 1
. tests/systemd/lib.sh
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

keep_whole
. tests/systemd/ways.sh

# What a reload makes of it: Unbound has mapped the module that was there before.
for how in "rm \$module" "damage truncate -s 0" "damage truncate -s 5000" "damage chmod 700"; do
	before=$(main_pid)
	eval "$how"
	systemctl reload unbound
	sleep 1
	check "$how, and a reload: DNS goes on" open
	check "in the same process" test "$(main_pid)" = "$before"
	check "and status says why" says "WITHOUT PROTECTION"
	whole
done

# Nobody looks before a reload by hand: where it ends Unbound, systemd starts it again, and then the guard looks.
for how in "rm \$module" "damage truncate -s 5000" "binaries debian; rm \$module"; do
	eval "$how"
	unbound-control reload
	check "$how, and unbound-control reload: DNS goes on" within 10 open
	check "and status says why" within 5 says "WITHOUT PROTECTION"
	whole
done

rm "$module"
restart
cp -a /srv/ours/weir/weir.so "$module"
systemctl reload unbound
sleep 1
check "a reload does not put the module in" open
restart
check "a restart does" protected

hand_written "dynlib validator iterator" "$module"
rm "$module"
restart
check "dynlib is written by hand, and the module is gone: DNS goes on" open
systemctl reload unbound
sleep 1
check "and after a reload" open
whole

rm /run/weir-unbound.conf
systemctl reload unbound
sleep 1
check "the snippet is gone at a reload: DNS goes on" alive
whole

echo nonsense >/run/weir-unbound.conf
systemctl reload unbound
sleep 1
check "the snippet is edited at a reload: DNS goes on" alive
check "and it is said loudly" told "somebody has edited"
whole

guarded "kill -9 \$\$"
before=$(main_pid)
rm "$module"
check "the guard is killed at a reload: it is refused" not systemctl reload unbound
check "protected" protected
check "in the same process" test "$(main_pid)" = "$before"
whole

check "the module is taken out" follow switch-off 1
check "DNS goes on" open
check "the module is put back" follow switch-off 2
check "protected" protected
check "the last table is forgotten" follow switch-off 3
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
check "and is not started again" sh -c 'sleep 11; systemctl show -p NRestarts,SubState feedsync | tee -a /dev/stderr | grep -qx NRestarts=0'
check "resolvers go on" protected

check "all is taken out" follow uninstall 1
check "DNS goes on" open
check "the files are removed" follow uninstall 2
check "no program is left" test ! -e /usr/local/bin/feedsync
check "Unbound starts without any of it" sh -c 'systemctl restart unbound'
check "DNS goes on" open

echo "$failed failed"
[ "$failed" -eq 0 ]

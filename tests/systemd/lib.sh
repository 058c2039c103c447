# Sourced by what runs as root under systemd: see run.sh.
module=/usr/local/lib/weir/weir.so
guard=/usr/local/lib/weir/unbound-guard
conf_d=/etc/unbound/unbound.conf.d
own=$conf_d/own.conf
failed=0
check() { # WORDS COMMAND...
	if "${@:2}" >/srv/said 2>&1; then echo "ok      $1"; else echo "FAILED  $1"; cat /srv/said; failed=$((failed + 1)); fi
}
ask() { dig @127.0.0.1 +tries=2 +time=2 "$1" A; }
alive() { systemctl is-active unbound && ask alive.test | tee -a /dev/stderr | grep -q 192.0.2.1; }
blocked() { ask evil.example | tee -a /dev/stderr | grep -q "EDE: 15"; }
protected() { alive && within 10 blocked; }
not() { ! "$@"; }
open() { within 5 alive && ask evil.example | tee -a /dev/stderr | grep -q 192.0.2.2; }
within() { for _ in $(seq "$1"); do "${@:2}" && return; sleep 1; done; return 1; }
told() { journalctl -q -u unbound -p err --since "@$since" | grep -E "$1"; }
since=$(date +%s)
restart() { since=$(date +%s); systemctl reset-failed unbound; systemctl restart unbound; }
main_pid() { systemctl show -P MainPID unbound; }

# What is whole is kept in /srv/ours, and put back from there.
keep_whole() {
	mkdir /srv/ours
	cp -a /usr/local/lib/weir "$conf_d" /usr/local/lib/systemd/system/unbound.service.d /var/lib/weir/current.weir /srv/ours
	touch /etc/default/unbound
	cp -a /etc/default/unbound /srv/ours/default
	cp /usr/sbin/unbound /usr/sbin/unbound-checkconf /srv/ours
}
binaries() { for program in unbound unbound-checkconf; do install "/srv/$1/$program" /usr/sbin/; done; }
put_back() { rm -rf "$2"; cp -a "/srv/ours/$1" "$2"; } # NAME PATH
whole() {
	for mount in /tmp /run/weir /var/lib/weir-unbound "$module"; do ! mountpoint -q "$mount" || umount -l "$mount"; done
	mount -o remount,size=50% /run
	put_back weir /usr/local/lib/weir
	put_back unbound.conf.d "$conf_d"
	put_back default /etc/default/unbound
	put_back unbound.service.d /usr/local/lib/systemd/system/unbound.service.d
	put_back current.weir /var/lib/weir/current.weir
	[ -d /run/weir ] || rm -f /run/weir
	rm -rf /etc/systemd/system/unbound.service.d
	binaries ours
	systemd-tmpfiles --create weir.conf
	systemctl daemon-reload
	restart
}

# Sourced by what runs as root under systemd: see run.sh.
module=/usr/local/lib/weir/weir.so
guard=/usr/local/lib/weir/unbound-guard
conf_d=/etc/unbound/unbound.conf.d
own=$conf_d/own.conf
. tests/checks.sh
alive() { systemctl is-active unbound && answers; }
protected() { alive && within 10 blocked; }
open() { within 5 alive && ask evil.example | tee -a /dev/stderr | grep -q 192.0.2.2; }
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
	cp -a /etc/unbound/unbound.conf /srv/ours
	cp /usr/sbin/unbound /usr/sbin/unbound-checkconf /srv/ours
}
binaries() { for program in unbound unbound-checkconf; do install "/srv/$1/$program" /usr/sbin/; done; }
put_back() { rm -rf "$2"; cp -a "/srv/ours/$1" "$2"; } # NAME PATH
whole() {
	for mount in /var /tmp /run/weir /var/lib/weir-unbound "$module"; do ! mountpoint -q "$mount" || umount -l "$mount"; done
	mount -o remount,size=50% /run
	put_back weir /usr/local/lib/weir
	put_back unbound.conf.d "$conf_d"
	put_back default /etc/default/unbound
	put_back unbound.conf /etc/unbound/unbound.conf
	rm -f /etc/ld.so.preload
	put_back unbound.service.d /usr/local/lib/systemd/system/unbound.service.d
	put_back current.weir /var/lib/weir/current.weir
	[ -d /run/weir ] || rm -f /run/weir
	rm -rf /etc/systemd/system/unbound.service.d
	binaries ours
	systemd-tmpfiles --create weir.conf
	systemctl daemon-reload
	restart
}

#!/bin/bash
# Weir's packages under a real systemd: installed, upgraded, downgraded and removed in any order, by apt and by dpkg, while a
# client asks the resolver each 100 ms; and Debian's own, newer Unbound comes. DNS must go on each time.
#
# As root under systemd, without a network: see run.sh. /srv has repositories: now, next, debian, newer.
cd "$(dirname "$0")/../.." || exit 1
. tests/systemd/lib.sh
. tests/packages/observe.sh
export DEBIAN_FRONTEND=noninteractive
release=$(. /etc/os-release && echo "$VERSION_CODENAME")

# What apt may install: from NAME...
from() {
	rm -f /srv/sources
	for name in "$@"; do
		case $name in
		now | next) echo "deb [trusted=yes] file:/srv/$name $release main" ;;
		*) echo "deb [trusted=yes] file:/srv/$name ./" ;;
		esac >>/srv/sources
	done
	apt update -q
}
apt() { apt-get -o Dir::Etc::sourcelist=/srv/sources -o Dir::Etc::sourceparts=- -o Dpkg::Use-Pty=0 -q -y "$@"; }
of() { for package in "${@:2}"; do echo "$package=$(dpkg-deb -f "$(deb "$1" "$package")" Version)"; done; } # REPOSITORY PACKAGE...
deb() { find "/srv/$1" -name "$2_*.deb"; } # REPOSITORY PACKAGE

# One row an action: row WORDS HOLDS COMMAND... It succeeds, DNS is silent no longer than without Weir and some, and what HOLDS
# says holds: protected or open.
row() {
	since=$(date +%s)
	check "$1" silence_of "${@:3}"
	check_silence "$1"
	check "$1: $2" "$2"
}
says() { feedsync status >/srv/status; cat /srv/status; grep -qE "$1" /srv/status; }
feeds() { printf 'feeds:\n  - name: list\n    format: domains\n    url: file:///srv/list\n' >/etc/weir/feedsync.yaml; systemctl restart feedsync; within 10 test -e /var/lib/weir/current.weir; }
shown() { test "$(systemctl show -P "$1" feedsync)" = "$2"; } # PROPERTY VALUE
# A channel that this very feedsync has filled, as another host would; and then it pulls from there.
fill_channel() {
	minisign -G -W -p /srv/fleet.pub -s /srv/fleet.key && install -d -o weir /srv/weir && chown weir /srv/fleet.key &&
		printf 'distribute:\n  - {name: stable, to: /srv/weir/stable, sign-key-file: /srv/fleet.key}\n' >>/etc/weir/feedsync.yaml &&
		systemctl restart feedsync && within 20 test -e /srv/weir/stable/latest
}
pull_it() {
	printf 'pull:\n  url: file:///srv/weir/stable/\n  keys: [%s]\n' "$(tail -n 1 /srv/fleet.pub)" >/etc/weir/feedsync.yaml
	systemctl restart feedsync && within 20 says "^well: serial"
}
forced() { dpkg -i --force-depends --force-downgrade --force-confold "$@"; }

check "Debian's Unbound answers" within 10 alive
files >/srv/before
users >/srv/users
from now
check "without Weir: the rebuilt Unbound in the place of Debian's" silence_of apt install unbound
alone=$silence
from debian
check "and back" silence_of apt install --allow-downgrades $(of debian unbound)
alone=$((silence > alone ? silence : alone))

from now
row "install" open apt install weir weir-module-unbound
check "feeds are configured" feeds
check "protected" protected
check "status is well" within 20 feedsync status

from next
row "upgrade all" protected apt upgrade
from now
row "downgrade all" protected apt install --allow-downgrades $(of now unbound weir weir-module-unbound)

row "a newer Unbound first" protected forced "$(deb next unbound)"
row "then the module" protected forced "$(deb next weir-module-unbound)"
row "then feedsync" protected forced "$(deb next weir)"
row "the older module first" protected forced "$(deb now weir-module-unbound)"
row "then the older feedsync" protected forced "$(deb now weir)"
row "then the older Unbound" protected forced "$(deb now unbound)"
check "status is well" within 20 feedsync status

row "the module is half installed: unpacked" protected dpkg --unpack "$(deb next weir-module-unbound)"
row "a restart meanwhile" protected systemctl restart unbound
row "Unbound is half installed: unpacked" protected dpkg --unpack "$(deb next unbound)"
row "a restart meanwhile" protected systemctl restart unbound
row "and is configured" protected dpkg --configure -a
row "all as before" protected forced "$(deb now unbound)" "$(deb now weir-module-unbound)"

from now newer
row "Debian's newer Unbound, by upgrade: it is kept back" protected apt upgrade
row "Debian's newer Unbound, by dpkg" open forced "$(deb newer unbound)"
check "the log says so" told "WITHOUT PROTECTION" # dpkg runs no trigger of a package that lacks what it depends on
check "status says so" says "WITHOUT PROTECTION.*without dynlib.*next: .apt-get install --reinstall unbound weir-module-unbound"
row "ours again" protected forced "$(deb now unbound)"
check "status is well" within 20 feedsync status
row "Debian's newer Unbound, by full-upgrade" alive apt full-upgrade
if [ "$(dpkg-query -W -f '${db:Status-Status}' weir-module-unbound)" = installed ]; then # apt from Debian 13 on
	check "it is kept back: protected" protected
else
	check "it takes the module out: DNS goes on" open
	check "status says so" says "WITHOUT PROTECTION|NO RESOLVER"
fi
from now
row "the module again, with its Unbound" protected apt install --allow-downgrades $(of now unbound weir-module-unbound)

row "the module is removed" open apt remove weir-module-unbound
row "and installed" protected apt install weir-module-unbound
row "feedsync is removed: the table stays in force" alive apt remove weir
row "and installed" alive apt install weir
feeds
check "protected" protected

row "for a fleet: weir-resolver beside the others" protected apt install weir-resolver
check "the resolver comes before feedsync" shown OOMScoreAdjust 500
check "a channel" fill_channel
check "and it pulls from there" pull_it
check "protected" protected
row "without weir-resolver" protected apt remove weir-resolver
check "feedsync as before" shown OOMScoreAdjust 0
rm -r /srv/weir

row "all is purged" open apt purge weir weir-module-unbound weir-resolver
from debian
row "Debian's Unbound again" open apt install --allow-downgrades $(of debian unbound)
apt autoremove --purge -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false >/srv/said 2>&1
files >/srv/after
check "no file is left, and none is another" diff /srv/before /srv/after
users >/srv/users.after
check "no user is left" diff /srv/users /srv/users.after

echo "$failed failed"
[ "$failed" -eq 0 ]

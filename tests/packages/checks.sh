#!/bin/bash
# In the fresh system, as a plain user: see run.sh. The repositories lie in /srv/now and /srv/next.
set -uo pipefail
. conf/packages.sh
release=$(. /etc/os-release && echo "$VERSION_CODENAME")

# First with the network: what the packages depend on, and what these checks need themselves.
if [ "${1-}" != offline ]; then
	need_packages unbound dns-root-data publicsuffix ca-certificates systemd bind9-dnsutils iproute2 minisign python3 python3-dnspython || exit
	echo "deb [trusted=yes] file:/srv/now $release main" | sudo tee /etc/apt/sources.list.d/now.list >/dev/null
	sudo apt-get update -q >/tmp/said 2>&1 && sudo apt-get install -q -y --download-only weir weir-module-unbound >/tmp/said 2>&1 ||
		{ cat /tmp/said; die "the packages cannot be downloaded"; }
	sudo rm /etc/apt/sources.list.d/now.list
	exec sudo unshare --net bash "$0" offline
fi

ip link set lo up
export DEBIAN_FRONTEND=noninteractive HOME=/root
# Nothing runs systemd here: what README lets it start is run, and what it lets be edited is written.
cat >/usr/local/sbin/systemctl <<'END'
#!/bin/sh
[ "$*" != "restart feedsync" ] || exec setpriv --reuid=weir --regid=weir --clear-groups feedsync sync
END
cat >/usr/local/sbin/sudoedit <<'END'
#!/bin/sh
printf 'feeds:\n  - name: list\n    format: domains\n    url: file:///srv/list\n' >"$1"
END
# Packages may start services, which no init system forbids or allows here.
printf '#!/bin/sh\nexit 0\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/local/sbin/* /usr/sbin/policy-rc.d
echo evil.example >/srv/list
printf 'server:\n\tlocal-data: "alive.test. A 192.0.2.1"\n' >/etc/unbound/unbound.conf.d/alive.conf
debian=$(dpkg-query -W -f '${Version}' unbound)

. tests/checks.sh
. tests/packages/observe.sh

# The commands that README shows under a heading, those from one line to another: follow HEADING FROM TO.
follow() {
	awk -v heading="## $1" '/^## / { on = $0 == heading; next } on && /^    / { sub(/^    /, ""); print }' README.md |
		sed -n "$2,$3{s,/srv/weir-packages,/srv/now,;s,bookworm,$release,;p}" >/tmp/steps
	[ -s /tmp/steps ] && bash -euxo pipefail /tmp/steps
}

# What a compiler elsewhere would have published.
make_channel() {
	cat >/srv/compiler.yaml <<-END
		state: /srv/compiler
		table: /srv/compiled.weir
		run: none
		feeds: [{name: list, format: domains, url: "file:///srv/list"}]
		distribute: [{name: stable, to: /srv/stable, sign-key-file: /srv/fleet.key}]
	END
	minisign -G -W -p /srv/fleet.pub -s /srv/fleet.key && feedsync -c /srv/compiler.yaml sync
}
pull_config() { printf 'pull:\n  url: file:///srv/stable/\n  keys: [%s]\n' "$(tail -n 1 /srv/fleet.pub)"; }

invoke-rc.d unbound start >/dev/null 2>&1
check "Debian's Unbound answers" within 10 answers
files >/srv/before
users >/srv/users
echo "deb [trusted=yes] file:/srv/now $release main" >/etc/apt/sources.list.d/now.list
apt-get update -q >/tmp/said 2>&1
check "the rebuilt Unbound alone, in the place of Debian's" silence_of apt-get install -q -y unbound
alone=$silence
check "and back" apt-get install -q -y --allow-downgrades unbound="$debian"
rm /etc/apt/sources.list.d/now.list
check "Debian's Unbound answers" within 10 answers

if [ -e /srv/now/weir-archive-keyring.gpg ]; then
	echo "deb [signed-by=/srv/now/weir-archive-keyring.gpg] file:/srv/now $release main" >/tmp/signed.list
	update_signed() { # with lists of its own
		mkdir -p /tmp/lists/partial
		apt-get update -q -o Dir::Etc::sourcelist=/tmp/signed.list -o Dir::Etc::sourceparts=- -o Dir::State::lists=/tmp/lists -o APT::Update::Error-Mode=any
	}
	check "the repository is signed" update_signed
	cp /srv/now/dists/$release/InRelease /tmp/
	sed -i 's/^Description: .*/Description: tampered/' /srv/now/dists/$release/InRelease
	check "and apt notices what is changed" not update_signed
	cp /tmp/InRelease /srv/now/dists/$release/
fi

check "README: install" silence_of follow Install 2 4
check_silence "README: install"
check "DNS goes on" within 10 answers
check "protected" within 10 blocked
check "so says probe" feedsync probe 127.0.0.1
check "/etc/weir is root's and weir's" test "$(stat -c '%a %U %G' /etc/weir)" = "750 root weir"
check "a resolver can read the table" setpriv --reuid=unbound --regid=unbound --clear-groups test -r /var/lib/weir/current.weir
check "feedsync finds the resolver" sh -c 'setpriv --reuid=weir --regid=weir --clear-groups feedsync status | grep "^resolver"'

sed -i 's,/srv/now,/srv/next,' /etc/apt/sources.list.d/weir.list
check "README: upgrade" silence_of follow "Upgrade, remove" 1 1
check_silence "README: upgrade"
check "all three are new" sh -c 'test "$(dpkg-query -W unbound weir weir-module-unbound | grep -c "\.1$")" = 3'
check "still protected" within 10 blocked

echo "# mine" >>/etc/weir/feedsync.yaml
check "removing keeps the configuration" apt-get remove -q -y weir weir-module-unbound
check "it is there" grep -q mine /etc/weir/feedsync.yaml
check "DNS goes on" within 10 answers
check "nothing is blocked" not blocked
check "installed again" apt-get install -q -y weir weir-module-unbound
check "protected again" within 10 blocked
check "a channel for others" make_channel

mount -n --bind /var/lib/weir /var/lib/weir # -n: else util-linux leaves a directory in /run
mount -n --bind /run/weir /run/weir
check "README: remove" silence_of follow "Upgrade, remove" 2 3
check_silence "README: remove"
umount -n /var/lib/weir /run/weir
check "what was a file system of its own is emptied" rmdir /var/lib/weir /run/weir
check "DNS goes on" within 10 answers
check "Debian's Unbound is back" test "$(dpkg-query -W -f '${Version}' unbound)" = "$debian"
# Also what something else only recommends, and did not have before.
apt-get autoremove --purge -q -y -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false >/tmp/said 2>&1
files >/srv/after
check "no file is left, and none is another" diff /srv/before /srv/after
users >/srv/users.after
check "no user is left" diff /srv/users /srv/users.after

# A host that pulls its table: one package brings all that it needs.
echo "deb [trusted=yes] file:/srv/now $release main" >/etc/apt/sources.list.d/now.list
apt-get update -q >/tmp/said 2>&1
check "weir-resolver" apt-get install -q -y weir-resolver
check "it rests" sh -c 'feedsync check 2>&1 | grep "no feeds are configured"'
pull_config >/etc/weir/feedsync.yaml
check "it pulls" setpriv --reuid=weir --regid=weir --clear-groups feedsync pull --once
check "protected" within 10 blocked
sed -i 's,/srv/now,/srv/next,' /etc/apt/sources.list.d/now.list
apt-get update -q >/tmp/said 2>&1
check "its upgrade" apt-get upgrade -q -y
check "all four are new" sh -c 'test "$(dpkg-query -W unbound weir weir-module-unbound weir-resolver | grep -c "\.1$")" = 4'
check "still protected" within 10 blocked
check "without it: as before" apt-get remove -q -y weir-resolver
check "protected, too" within 10 blocked
check "purged" apt-get purge -q -y weir-resolver weir weir-module-unbound
rm /etc/apt/sources.list.d/now.list
apt-get update -q >/tmp/said 2>&1
check "Debian's Unbound is back again" apt-get install -q -y --allow-downgrades unbound="$debian"
apt-get autoremove --purge -q -y -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false >/tmp/said 2>&1
check "DNS goes on" within 10 answers
files >/srv/after
check "no file of it is left, and none is another" diff /srv/before /srv/after
users >/srv/users.after
check "no user of it is left" diff /srv/users /srv/users.after

invoke-rc.d unbound stop >/dev/null 2>&1
echo "$failed failed"
exit $((failed > 0))

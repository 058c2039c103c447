#!/bin/bash
# As a plain user: what docs/howto/install.md says, word for word; before and between, what a newcomer has or does.
set -euo pipefail

. conf/packages.sh
need_packages bind9-dnsutils unbound dns-root-data systemd systemd-sysv
sudo mkdir /srv/debian /srv/weir
sudo cp /usr/sbin/unbound /usr/sbin/unbound-checkconf /srv/debian
echo evil.example | sudo tee /srv/weir/list >/dev/null
. tests/systemd/answers.sh

# systemd does not run yet: what systemctl would start (and enable --now cannot leave out) is started by the boot.
export SYSTEMD_OFFLINE=1
echo 'Defaults env_keep += "SYSTEMD_OFFLINE"' | sudo tee /etc/sudoers.d/offline >/dev/null

# The lines of its blocks, each with what its comment says left to do.
awk '/^```/ { on = $0 == "```sh install"; next } on' docs/howto/install.md >~/steps
grep -q zz-weir.conf ~/steps
feeds() { printf 'feeds:\n  - name: list\n    format: domains\n    url: file:///srv/weir/list\n' | sudo tee /usr/local/etc/weir/feedsync.yaml >/dev/null; }
while read -r step; do
	echo "\$ $step"
	eval "${step/enable --now/enable}" >~/log 2>&1 || { cat ~/log; die "failed: $step"; }
	case $step in *feedsync.yaml.example*) feeds ;; esac
done <~/steps

#!/bin/bash
# In the fresh system, as a plain user with the network, before systemd runs: see run.sh. What the packages depend on, Debian's
# Unbound, and one of Debian's that is newer than ours: its own with another number.
set -euo pipefail
. conf/packages.sh
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
need_packages unbound dns-root-data systemd systemd-sysv bind9-dnsutils minisign python3 python3-dnspython dpkg-dev
echo "deb [trusted=yes] file:/srv/now $release main" | sudo tee /etc/apt/sources.list.d/weir.list >/dev/null
sudo apt-get update -q >~/log 2>&1 || { cat ~/log; die "no repository"; }
need_packages $(apt-get -s install --no-install-recommends weir weir-module-unbound | awk '/^Inst/ && !/file:|Weir/ && $2 !~ /^(weir|unbound|libunbound)/ { print $2 }')
sudo mkdir -p /srv/debian /srv/newer
. tests/systemd/answers.sh
cd /srv
sudo apt-get download -q "unbound=$(dpkg-query -W -f '${Version}' unbound)" >~/log 2>&1
sudo mv unbound_*.deb debian/
sudo dpkg-deb -R debian/unbound_*.deb unpacked
sudo sed -i 's/^\(Version: .*\)/\1+z1/' unpacked/DEBIAN/control # behind ours, as a security update is
sudo dpkg-deb --root-owner-group -b unpacked newer >~/log
for place in debian newer; do (cd $place && sudo sh -c 'dpkg-scanpackages -m . >Packages 2>/dev/null'); done
sudo rm -r unpacked /etc/apt/sources.list.d/weir.list
echo evil.example | sudo tee /srv/list >/dev/null

# Sourced as a plain user: gives Unbound answers of its own, since there is no network. alive.test is answered whatever modules
# there are, evil.example by the modules.
printf 'example. 60 SOA localhost. nobody.invalid. 1 3600 600 86400 60\nevil.example. 60 A 192.0.2.2\n' | sudo tee /etc/unbound/example.zone >/dev/null
sudo tee /etc/unbound/unbound.conf.d/alive.conf >/dev/null <<'END'
server:
	local-data: "alive.test. A 192.0.2.1"
	domain-insecure: "example."
auth-zone:
	name: "example."
	zonefile: "/etc/unbound/example.zone"
	for-downstream: no
END

"""Configurations of other resolvers that more than one benchmark wants."""


def rpz(names, serial=1):
    """A response policy zone in which these names, each with all below it, do not exist."""
    return f"$TTL 300\n@ SOA localhost. root.localhost. {serial} 3600 600 86400 60\n@ NS localhost.\n" + "".join(
        f"{name} CNAME .\n*.{name} CNAME .\n" for name in names if len(name) < 230)


def recursor(port, upstream, directory, *more):
    """PowerDNS Recursor, with one thread, as a forwarder whose sockets are in this directory."""
    return f"""local-address=127.0.0.1
local-port={port}
forward-zones-recurse=.=127.0.0.1:{upstream}
threads=1
max-cache-entries=1000000
packetcache-ttl=86400
dnssec=off
socket-dir={directory}
dont-query=
write-pid=no
security-poll-suffix=
pdns-distributes-queries=no
reuseport=no
quiet=yes
loglevel=3
""" + "".join(line + "\n" for line in more)

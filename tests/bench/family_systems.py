"""The family filter of tests/system/family.py in each resolver, as well as it can: everybody is kept from the malicious names but
those who opted out, families from the adult names as well, each with all below it."""
import os, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from family import *
from peer_conf import recursor, rpz

FAMILIES, FREE = "127.0.2.0/24", "127.0.1.0/24"


class Systems(FamilyLab):
    """A function per system, named as it is: writes files for lists of `malicious` and `adult` names, and returns the command that
    starts the system on self.port. Each has one thread, and memory for all answers."""

    def unbound_command(self, binary, modules="iterator", server="", more=""):
        options = f"""  num-threads: 1
  msg-cache-size: 128m
  rrset-cache-size: 256m
  rrset-roundrobin: no
  extended-statistics: yes
{server}
remote-control:
  control-enable: yes
  control-use-cert: no
  control-interface: "{self.path('control.sock')}"
"""
        self.conf = self.unbound_conf("unbound.conf", self.port, self.upstream, modules, options, more=more)
        return [binary, "-d", "-c", self.conf]

    def no_filter(self, malicious, adult):
        return self.unbound_command(UNBOUND)

    def weir(self, malicious, adult):
        self.publish_family(malicious, adult)
        return self.unbound_command(UNBOUND, "dynlib iterator", more=f'dynlib:\n  dynlib-file: "{MODULE}"\n')

    def unbound_tags(self, malicious, adult):
        self.write("zones", "server:\n" + "".join(f'local-zone: "{name}." always_nxdomain\nlocal-zone-tag: "{name}." "{tag}"\n'
                                                 for tag, names in (("malicious", malicious), ("adult", adult)) for name in names))
        server = f"""  define-tag: "malicious adult"
  access-control: 127.0.0.0/8 allow
  access-control: {FAMILIES} allow
  access-control: {FREE} allow
  access-control-tag: 127.0.0.0/8 "malicious"
  access-control-tag: {FAMILIES} "malicious adult"
"""
        return self.unbound_command("unbound", server=server + f'  include: "{self.path("zones")}"\nserver:\n')

    def bind_views(self, malicious, adult):
        """The views share one cache; what they rewrite is not in it."""
        def view(name, clients, lists):
            policy = f"response-policy {{ {' '.join(f'zone {z}.rpz;' for z in lists)} }} qname-wait-recurse no;" if lists else ""
            zones = "".join(f'zone {z}.rpz {{ type primary; file "{self.path(z + ".rpz")}"; }};\n' for z in lists)
            return f'view {name} {{ match-clients {{ {clients}; }}; attach-cache shared; {policy}\n{zones}}};\n'
        for name, names in (("malicious", malicious), ("adult", adult)):
            self.write(name + ".rpz", rpz(names))
        conf = self.write("named.conf", f"""options {{ directory "{self.directory}"; listen-on port {self.port} {{ 127.0.0.1; }};
listen-on-v6 {{ none; }}; forwarders {{ 127.0.0.1 port {self.upstream}; }}; forward only; dnssec-validation no; recursion yes;
pid-file "{self.path("named.pid")}"; allow-query {{ any; }}; max-cache-size 512m; session-keyfile none; minimal-responses yes; }};
controls {{ }};
""" + view("free", FREE, []) + view("families", FAMILIES, ["malicious", "adult"]) + view("everybody", "any", ["malicious"]))
        return ["named", "-f", "-n", "1", "-c", conf]

    def powerdns_tags(self, malicious, adult):
        """The tag keeps the groups apart in the cache of packets; the cache of records is for all."""
        for name, names in (("malicious", malicious), ("adult", adult)):
            self.write(name + ".rpz", rpz(names))
        lists = self.write("pdns/lists.lua", "".join(f'rpzFile("{self.path(name + ".rpz")}", {{policyName="{name}"}})\n'
                                                     for name in ("malicious", "adult")))
        script = self.write("pdns/groups.lua", f"""
families, free = newNMG(), newNMG()
families:addMask("{FAMILIES}")
free:addMask("{FREE}")
function gettag(remote) return families:match(remote) and 2 or free:match(remote) and 1 or 0 end
function prerpz(query)
  if not families:match(query.remoteaddr) then query:discardPolicy("adult") end
  if free:match(query.remoteaddr) then query:discardPolicy("malicious") end
  return false
end
""")
        self.write("pdns/recursor.conf", recursor(
            self.port, self.upstream, self.path("pdns"), "max-packetcache-entries=1000000", f"lua-config-file={lists}",
            f"lua-dns-script={script}", "allow-from=127.0.0.0/8"))
        return ["pdns_recursor", "--config-dir=" + self.path("pdns"), "--daemon=no"]

    def dnsdist(self, malicious, adult):
        for name, names in (("malicious", malicious), ("adult", adult)):
            self.write(name, "".join(line + "\n" for line in names))
        conf = self.write("dnsdist.conf", f"""setLocal("127.0.0.1:{self.port}")
newServer({{address="127.0.0.1:{self.upstream}",healthCheckMode="up"}})
setSecurityPollSuffix("")
getPool(""):setCache(newPacketCache(1000000,{{maxTTL=86400}}))
function list(path)
  local names = newSuffixMatchNode()
  for line in io.lines(path) do names:add(newDNSName(line)) end
  return SuffixMatchNodeRule(names, true)
end
function clients(mask)
  local some = newNMG()
  some:addMask(mask)
  return NetmaskGroupRule(some)
end
addAction(AndRule{{NotRule(clients("{FREE}")), list("{self.path("malicious")}")}}, RCodeAction(DNSRCode.NXDOMAIN))
addAction(AndRule{{clients("{FAMILIES}"), list("{self.path("adult")}")}}, RCodeAction(DNSRCode.NXDOMAIN))
""")
        return ["dnsdist", "--supervised", "-C", conf]


SYSTEMS = ["no_filter", "weir", "unbound_tags", "bind_views", "powerdns_tags", "dnsdist"]

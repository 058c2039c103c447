"""Resolvers of others that take a policy zone which we publish: by hand, see tests/foreign.sh. WEIR_NAMES says how many names."""
from share_lab import *

NAMES = int(os.environ.get("WEIR_NAMES", "200000"))
ZONE = "rpz.isp.example"
HOSTILE = [".".join(["a" * 60] * 4) + ".example", "xn--bcher-kva.example", "_dmarc.x-y.example", "x" * 63 + ".example", "1.2.3.4.example"]


class Foreign(PrimaryLab):
    def setUp(self):
        super().setUp()
        self.upstream = self.internet()
        self.primary_port, self.secondary_port = free_port(), free_port()
        self.ports = {name: free_port() for name in ("bind", "recursor", "unbound", "kresd")}

    def publish_names(self, withdrawn=(), extra=()):
        """A gives on a list of a feed, and its own items. Returns the seconds that the release took."""
        names = [f"*.n{i}.example" for i in range(NAMES) if f"n{i}.example" not in withdrawn]
        self.write("unrelated.txt", "\n".join([*names, *HOSTILE, *extra]) + "\n")
        output = {"name": "rpz", "format": "rpz", "to": self.path("srv/rpz"), "recipients": ["isp-b.example"], "tlp": "green",
                  "of": ["operator", "big"], "sign-key-file": self.path("share.sec"), "zone": ZONE}
        self.configure([{"name": "big", "url": "file://" + self.path("unrelated.txt"), "format": "domains", "republish": "yes",
                         "tlp": "green"}], run="none", share=json.dumps([output]),
                       block=json.dumps([self.item("host.circle.example", "exact"), self.item("shop.circle.example")] if not withdrawn else
                                        [self.item("host.circle.example", "exact")]),
                       categories=json.dumps([{"name": "phishing"}]),
                       organisation=json.dumps({"name": "ISP-A CERT", "uuid": ORGANISATION, "contact": "abuse@isp.example"}))
        self.sync()
        begin = time.monotonic()
        print(self.feedsync("-c", self.config, "share", code=0).stderr.strip())
        return time.monotonic() - begin

    def start_primary(self):
        """Knot by the example; besides, whoever asks from here without a key: Unbound has none."""
        text = self.example("knot.conf", "none").replace("acl: to-isp-b", "acl: [to-isp-b, to-unbound]")
        text = text.replace("zone:\n", "  - id: to-unbound\n    address: 127.0.0.1\n    action: transfer\n\nzone:\n")
        remotes = "".join(f"  - id: {name}\n    address: 127.0.0.1@{self.ports[name]}\n" for name in ("bind", "unbound"))
        text = text.replace("acl:\n  - id", remotes + "\nacl:\n  - id", 1).replace("notify: isp-b", "notify: [bind, unbound]")
        self.primary = self.start_knot("knot-primary", self.primary_port, text)

    def start_bind(self):
        key = self.KEY.split(":")
        conf = self.write("named.conf", f'''key "{key[1]}" {{ algorithm {key[0]}; secret "{key[2]}"; }};
controls {{ }};
options {{ directory "{self.directory}"; pid-file none; session-keyfile "{self.path("session.key")}"; listen-on port {self.ports["bind"]} {{ 127.0.0.1; }};
  listen-on-v6 {{ none; }}; recursion yes; dnssec-validation no; forward only; forwarders {{ 127.0.0.1 port {self.upstream}; }};
  allow-notify {{ 127.0.0.1; }};
  response-policy {{ zone "{ZONE}" min-update-interval 1; }}; }};
zone "{ZONE}" {{ type secondary; primaries {{ 127.0.0.1 port {self.primary_port} key "{key[1]}"; }}; file "{self.path("bind.zone")}"; masterfile-format text; }};
''')
        return Process(self, "bind", ["/usr/sbin/named", "-g", "-c", conf, "-n", "1"])

    def start_recursor(self):
        key = self.KEY.split(":")
        lua = self.write("recursor.lua", f'rpzPrimary("127.0.0.1:{self.primary_port}", "{ZONE}", {{tsigname="{key[1]}", '
                                         f'tsigalgo="{key[0]}", tsigsecret="{key[2]}", refresh=1}})\n')
        os.makedirs(self.path("recursor"))
        return Process(self, "recursor", ["/usr/sbin/pdns_recursor", "--config-dir=" + self.path("recursor"), "--socket-dir=" + self.path("recursor"),
                                          "--local-address=127.0.0.1", f"--local-port={self.ports['recursor']}", "--dnssec=off", "--daemon=no",
                                          f"--forward-zones-recurse=.=127.0.0.1:{self.upstream}", "--lua-config-file=" + lua,
                                          "--security-poll-suffix=", "--dont-query=", "--disable-packetcache=yes"])

    def start_unbound(self):
        conf = self.write("stock.conf", f'''server:
  interface: 127.0.0.1@{self.ports["unbound"]}
  do-daemonize: no
  username: ""
  chroot: ""
  use-syslog: no
  do-not-query-localhost: no
  module-config: "respip iterator"
  pidfile: "{self.path("stock.pid")}"
  verbosity: 1
remote-control:
  control-enable: no
rpz:
  name: {ZONE}
  primary: 127.0.0.1@{self.primary_port}
  allow-notify: 127.0.0.1
  zonefile: "{self.path("stock.zone")}"
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@{self.upstream}
''')
        return Process(self, "unbound", ["/usr/sbin/unbound", "-d", "-p", "-c", conf])

    def start_kresd(self):
        os.makedirs(self.path("kresd"))
        conf = self.write("kresd.conf", f'''net.listen("127.0.0.1", {self.ports["kresd"]}, {{ kind = "dns" }})
trust_anchors.remove(".")
policy.add(policy.rpz(policy.DENY, "{self.path("srv/rpz/current", ZONE + ".zone")}", false))
policy.add(policy.all(policy.STUB("127.0.0.1@{self.upstream}")))
''')
        return Process(self, "kresd", ["/usr/sbin/kresd", "-n", "-c", conf, self.path("kresd")])

    def code(self, port, name):
        answer = ask(port, name, timeout=5)
        return answer and answer.rcode

    def expect(self, names, code, programs=None):
        for program in programs or self.ports:
            begin = time.monotonic()
            for name in names:
                wait_for(lambda: self.code(self.ports[program], name) == code, 900, 0.2)
            print(f"{program}: {', '.join(n[:30] for n in names)}: {code} after {time.monotonic() - begin:.1f} s")

    def test_resolvers(self):
        print(f"release of {NAMES} names: {self.publish_names():.1f} s")
        zone = self.path("srv/rpz/current", ZONE + ".zone")
        with open(zone) as f:
            print(f"{os.path.getsize(zone)} octets, {sum(1 for line in f)} lines")
        for checker in ["named-checkzone", "-i", "none"], ["nsd-checkzone"]:
            begin = time.monotonic()
            subprocess.run([*checker, ZONE, zone], check=True, capture_output=True)
            print(f"{checker[0]} accepts it in {time.monotonic() - begin:.1f} s")
        self.minisign("-V", "-q", "-P", self.key, "-m", zone)
        self.start_primary()
        for start in self.start_bind, self.start_recursor, self.start_unbound, self.start_kresd:
            start()
        self.expect(["shop.circle.example", "www.shop.circle.example", "host.circle.example", f"n{NAMES - 1}.example", "xn--bcher-kva.example"], "NXDOMAIN")
        self.expect(["www.host.circle.example", "innocent.example"], "NOERROR")
        # Withdrawn: by what has changed alone, but for Knot Resolver, which reads the file.
        print(f"second release: {self.publish_names(withdrawn=['n7.example', 'n8.example'], extra=['*.late.example']):.1f} s")
        subprocess.run(["/usr/sbin/knotc", "-s", self.path("knot-primary/run/knot.sock"), "zone-reload", ZONE], check=True, capture_output=True)
        self.processes_end("kresd")
        shutil.rmtree(self.path("kresd"))
        self.start_kresd()
        self.expect(["shop.circle.example", "www.shop.circle.example", "n7.example", "n8.example"], "NOERROR")
        self.expect(["late.example", "n9.example"], "NXDOMAIN")
        print("\n".join(re.findall(r".*XFR, outgoing.*(?:finished|updated).*", self.primary.log())))

    def processes_end(self, name):
        for process in [p for p in self.processes if p.name == name]:
            process.stop()

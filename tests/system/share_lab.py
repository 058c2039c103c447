"""What tests of publishing share: one that publishes, one that takes it, and name servers between them."""
from feeds import *

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(HERE, "../../conf/share")
ORGANISATION = "0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10"
FORMATS = ("misp-feed", "stix", "taxii", "rpz", "domains")
MAIN_FILES = {"misp-feed": "manifest.json", "stix": "bundle.json", "rpz": "rpz.isp.example.zone", "domains": "list.txt",
              "taxii": "objects/pages.json"}


class ShareLab(SigningLab, LaterLab):
    """A test case of two: A publishes in every format, B takes it."""

    def setUp(self):
        super().setUp()
        self.key = self.make_key("share")
        self.write("unrelated.txt", "unrelated.test\n")

    def item(self, name, scope="subtree", category="phishing", **more):
        return {"name": name, "scope": scope, "category": category, **more}

    def publish_items(self, items, code=0, at=0, formats=FORMATS):
        """A blocks these, and publishes them."""
        outputs = [{"name": f, "format": f, "to": self.path("srv", f), "recipients": ["isp-b.example"], "tlp": "green",
                    "of": ["operator"], "sign-key-file": self.path("share.sec"), **({"zone": "rpz.isp.example"} if f == "rpz" else {})}
                   for f in formats]
        self.configure([{"name": "unrelated", "url": "file://" + self.path("unrelated.txt"), "format": "domains"}], run="none",
                       organisation=json.dumps({"name": "ISP-A CERT", "uuid": ORGANISATION, "contact": "abuse@isp.example"}),
                       categories=json.dumps([{"name": "phishing"}, {"name": "c2"}]), block=json.dumps(items), share=json.dumps(outputs))
        self.config_a = self.config
        self.at(at, "sync", code=0)
        self.at(at, "share", code=code)
        self.published = {rule for rule in self.dump() if rule[1] != "unrelated.test"}

    def subscriber(self, name, **feed):
        """The configuration of a B with this one feed."""
        feed = {"name": name, "category": "malicious", **feed}
        state = {"state": self.path("b", name, "state"), "table": self.path("b", name, "current.weir"), "run": "none"}
        os.makedirs(self.path("b", name), exist_ok=True)
        return self.write(f"b/{name}/feedsync.yaml", json.dumps({**state, "feeds": [feed]}))

    def take(self, config, at=0, code=0):
        """B takes it. Returns the rules that B then has."""
        self.sync_of_b = self.at(at, "-c", config, "sync", code=code)
        rules = [tuple(line.split("\t")[:2]) for line in
                 self.feedsync("dump", os.path.join(os.path.dirname(config), "current.weir"), code=0).stdout.splitlines()]
        return set(rules) - {SELF_TEST}


class PrimaryLab(ShareLab):
    """Name servers that give the policy zone on, by conf/share/nsd.conf and conf/share/knot.conf, and one that takes it and writes
    the file that B reads."""
    KEY = "hmac-sha256:isp-b.example:c2hhcmVkIHNlY3JldCBvZiBJU1AtQiBhbmQgdXMuLi4="

    def example(self, name, zone):
        """The example, with the address and port of the secondary."""
        with open(os.path.join(EXAMPLES, name)) as f:
            text = f.read()
        text = text.replace("notify: 192.0.2.53", f"notify: 127.0.0.1@{self.secondary_port}")
        text = text.replace("address: 192.0.2.53", f"address: 127.0.0.1@{self.secondary_port}", 1).replace("192.0.2.53", "127.0.0.1")
        return text.replace("/var/lib/nsd/rpz.isp.example.zone", zone).replace("/srv/weir", self.path("srv"))

    def start_nsd(self):
        self.zone_of_nsd = self.path("nsd.zone")
        self.install_zone()
        conf = self.write("nsd-primary.conf", f'''server:
  ip-address: 127.0.0.1@{self.primary_port}
  server-count: 1
  username: ""
  zonesdir: "{self.directory}"
  database: ""
  zonelistfile: "{self.path("zone.list")}"
  xfrdfile: "{self.path("xfrd.state")}"
  xfrdir: "{self.directory}"
  pidfile: "{self.path("nsd-primary.pid")}"
remote-control:
  control-enable: no
''' + self.example("nsd.conf", self.zone_of_nsd))
        nsd = Process(self, "nsd", [shutil.which("nsd") or "/usr/sbin/nsd", "-d", "-c", conf])

        def reload():
            self.install_zone()
            nsd.popen.send_signal(signal.SIGHUP)
        return reload

    def install_zone(self):
        """As weir-share.service does it."""
        shutil.copy(self.path("srv/rpz/current/rpz.isp.example.zone"), self.zone_of_nsd + ".new")
        os.rename(self.zone_of_nsd + ".new", self.zone_of_nsd)

    def start_knot(self, name, port, text):
        for folder in "run", "db":
            os.makedirs(self.path(name, folder))
        conf = self.write(name + ".conf", f'''server:
    rundir: "{self.path(name, "run")}"
    listen: 127.0.0.1@{port}
log:
  - target: stdout
    any: info
database:
    storage: "{self.path(name, "db")}"
{text}''')
        knot = Process(self, name, [shutil.which("knotd") or "/usr/sbin/knotd", "-c", conf, "-s", self.path(name, "run/knot.sock")])
        wait_for(lambda: listening(port))
        return knot

    def start_knot_primary(self):
        self.start_knot("knot-primary", self.primary_port, self.example("knot.conf", "none"))
        return lambda: subprocess.run([shutil.which("knotc") or "/usr/sbin/knotc", "-s", self.path("knot-primary/run/knot.sock"), "zone-reload",
                                       "rpz.isp.example"], check=True, capture_output=True)

    def start_secondary(self):
        algorithm, name, secret = self.KEY.split(":")
        return self.start_knot("secondary", self.secondary_port, f'''key:
  - id: {name}
    algorithm: {algorithm}
    secret: {secret}
remote:
  - id: isp-a
    address: 127.0.0.1@{self.primary_port}
    key: {name}
acl:
  - id: from-isp-a
    address: 127.0.0.1
    key: {name}
    action: notify
zone:
  - domain: rpz.isp.example
    file: {self.path("taken.zone")}
    zonefile-sync: 0
    master: isp-a
    acl: from-isp-a
''')

    def serial(self):
        with contextlib.suppress(OSError), open(self.path("taken.zone")) as f:
            found = re.search(r"SOA\s+\S+ \S+ (\d+)", f.read())
            return int(found[1]) if found else 0
        return 0

    def transfer(self, *words):
        return subprocess.run(["dig", "@127.0.0.1", "-p", str(self.primary_port), *words, "rpz.isp.example", "AXFR", "+time=5", "+tries=1"],
                              capture_output=True, text=True).stdout

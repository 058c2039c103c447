"""What we publish, as others take it: by the example configurations of conf/share, over real servers."""
import itertools

from share_lab import *
from stix_schemas import *


class RoundTrip(ShareLab):
    """nginx with client certificates, by conf/share/nginx.conf."""

    def setUp(self):
        super().setUp()
        self.certificate_request("ca", "test authority", "-x509", "-days", "30", "-out", "ca.pem")
        for name, subject in ("server", "localhost"), ("isp-b", "isp-b.example"), ("stranger", "stranger.example"):
            self.certificate(name, subject, days="30")
        self.write("ca.conf", "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\ndefault_md = sha256\ndefault_crl_days = 30\n")
        self.write("index.txt", "")
        self.openssl("ca", "-gencrl", "-config", "ca.conf", "-keyfile", "ca.key", "-cert", "ca.pem", "-out", "members.crl")

    def serve_releases(self):
        """nginx as in the example; but for names, paths and ports, and a place for each output."""
        with open(os.path.join(EXAMPLES, "nginx.conf")) as f:
            text = f.read()
        self.port, self.taxii_port = free_port(), free_port()
        ports = itertools.cycle((self.port, self.taxii_port))
        text = re.sub("listen 443 ssl;", lambda _: f"listen 127.0.0.1:{next(ports)} ssl;", text)
        circle = text[text.index("\tlocation /circle/"):text.index("# A TAXII 2.1 collection")].rstrip().removesuffix("}")
        text = text.replace(circle, "".join(circle.replace("circle", f) if f != "taxii" else "" for f in FORMATS)
                            .replace("$may_misp-feed", "$may_circle").replace("$may_stix", "$may_circle")
                            .replace("$may_rpz", "$may_circle").replace("$may_domains", "$may_circle"))
        for old, new in (("/etc/weir/share/server", self.path("server")), ("/etc/weir/share/members.pem", self.path("ca.pem")),
                         ("/etc/weir/share/members.crl", self.path("members.crl")), ("/srv/weir", self.path("srv")),
                         ("/var/log/nginx", self.directory)):
            text = text.replace(old, new)
        nginx = self.start_nginx("nginx", text)
        wait_for(lambda: listening(self.port) and listening(self.taxii_port))
        return nginx

    def subscribers(self, certificate="isp-b", formats=FORMATS):
        tls = {"ca": self.path("ca.pem"), "client-certificate": self.path(certificate + ".pem"),
               "client-key": self.path(certificate + ".key")}
        result = {}
        for f in formats:
            os.chmod(self.path(certificate + ".key"), 0o600)
            if f == "taxii":
                where = {"url": f"https://localhost:{self.taxii_port}/taxii2/", "collection": "taxii"}
            else:
                file = "" if f == "misp-feed" else MAIN_FILES[f]
                where = {"url": f"https://localhost:{self.port}/{f}/{file}", "minisign-key": self.key}
            result[f] = self.subscriber(f, format=f, **where, **tls)
        return result

    def assert_taken(self, configs, at=0):
        """Each B has exactly what A publishes, name by name and scope by scope."""
        for f, rules in zip(configs, all_at_once(lambda config: self.take(config, at), [(c,) for c in configs.values()])):
            with self.subTest(f):
                self.assertEqual(rules, self.published)

    def test_round_trip(self):
        deep = ".".join(["a"] * 10) + ".example"
        items = [self.item("login-parcel.example", reason='parcel "phishing", <landing> page', expires="2099-12-24"),
                 self.item("host.example", "exact", "c2"), self.item("shop.example"), self.item("xn--bcher-kva.example"),
                 self.item("_dmarc.x-y.example", "exact"), self.item("both.example", "exact"), self.item("both.example"),
                 self.item("below.host.example", "exact"), self.item(deep, "exact"), self.item("x" * 63 + ".example")]
        self.publish_items(items)
        self.assertEqual(len(self.published), 9)  # an exact rule is part of the subtree of its name
        nginx = self.serve_releases()
        configs = self.subscribers()
        self.assert_taken(configs)
        for f, words in ("misp-feed", "9900060e-558f-5510-a432-7e17cd04fd05"), ("stix", "indicator--9900060e-558f-5510-a432-7e17cd04fd05"):
            why = self.feedsync("-c", configs[f], "why", "www.login-parcel.example").stdout
            self.assertIn(words, why)
            self.assertRegex(why.lower(), "tlp:green|tlp green")
        # Nothing changes: nothing is released, nothing fetched.
        self.at(0, "share", code=0)
        self.assertEqual(os.readlink(self.path("srv/misp-feed/current")), "r1")
        # Withdrawn ones go, a new one comes.
        self.publish_items([i for i in items if i["name"] not in ("shop.example", "host.example")] + [self.item("new.example")])
        self.assertNotIn(("subtree", "shop.example"), self.published)
        nginx.popen.send_signal(signal.SIGHUP)  # as weir-share.service does
        self.assert_taken(configs)
        # Listed again; and one that will be over.
        self.publish_items([*items, self.item("new.example", expires=time.strftime("%Y-%m-%d", time.gmtime(time.time() + DAY)))])
        self.assertIn(("subtree", "shop.example"), self.published)
        self.assert_taken(configs)
        for state in "state", *(os.path.join("b", f, "state") for f in FORMATS):
            self.pass_until(3 * DAY, state)
        self.at(3 * DAY, "sync", code=0)
        self.at(3 * DAY, "share", code=0)
        self.published -= {("subtree", "new.example")}
        self.assert_taken(configs, at=3 * DAY)
        self.verify_artefacts()
        self.refuse_others(configs)

    def verify_artefacts(self):
        """The real programs accept all that was published."""
        for f, file in MAIN_FILES.items():
            self.minisign("-V", "-q", "-P", self.key, "-m", self.path("srv", f, "current", file))
        self.check_schemas()
        zone = self.path("srv/rpz/current/rpz.isp.example.zone")
        for checker in (["nsd-checkzone"], ["named-checkzone", "-i", "none"]):
            if shutil.which(checker[0]):
                subprocess.run([*checker, "rpz.isp.example", zone], check=True, capture_output=True)

    def check_schemas(self):
        for path in "stix/current/bundle.json", "taxii/current/objects/1.json":
            with open(self.path("srv", path)) as f:
                document = json.load(f)
            if "type" in document:
                check_schema(document)
            self.assertEqual({o["type"] for o in document["objects"]}, {"identity", "marking-definition", "indicator"})
            for o in document["objects"]:
                check_schema(o)

    def refuse_others(self, configs):
        """A certificate that may have nothing gets nothing, and nobody may write."""
        strangers = self.subscribers("stranger", ("misp-feed", "taxii"))
        for f, config in strangers.items():
            shutil.rmtree(self.path("b", f, "state"), ignore_errors=True)
            self.assertIn("HTTP 403", self.at(0, "-c", config, "sync", code=2).stderr)
        curl = ["curl", "-s", "-o", os.devnull, "-w", "%{http_code}", "--cacert", self.path("ca.pem")]
        ours = ["--cert", self.path("isp-b.pem"), "--key", self.path("isp-b.key")]
        base, taxii = f"https://localhost:{self.port}", f"https://localhost:{self.taxii_port}"
        for words, code in (([base + "/misp-feed/manifest.json"], "400"), ([*ours, base + "/misp-feed/manifest.json"], "200"),
                            ([*ours, "-X", "POST", base + "/misp-feed/manifest.json"], "403"), ([*ours, base + "/"], "404"),
                            ([*ours, base + "/misp-feed/../../misp-feed/r1.items"], "404"), ([*ours, taxii + "/objects/pages.json"], "404"),
                            ([*ours, "-X", "POST", taxii + "/api/"], "403"), ([*ours, taxii + "/headers.conf"], "404")):
            self.assertEqual(subprocess.run([*curl, *words], capture_output=True, text=True).stdout, code, words)
        head = subprocess.run(["curl", "-s", "-D", "-", "-o", os.devnull, "--cacert", self.path("ca.pem"), *ours, taxii + "/taxii2/"],
                              capture_output=True, text=True).stdout
        self.assertIn("Content-Type: application/taxii+json;version=2.1", head)
        self.assertRegex(head, r"X-TAXII-Date-Added-Last: \d{4}-\d\d-\d\dT")
        with open(self.path("weir-share.log")) as f:
            self.assertIn('"CN=isp-b.example" ', f.read())


class Primaries(PrimaryLab):
    """Name servers that give the policy zone on."""

    def check_primary(self, start):
        self.primary_port, self.secondary_port = free_port(), free_port()
        items = [self.item("shop.example"), self.item("host.example", "exact"), self.item("xn--bcher-kva.example"),
                 *(self.item(f"n{i}.example") for i in range(50))]
        self.publish_items(items, formats=("rpz",))
        reload = start()
        wait_for(lambda: listening(self.primary_port))
        secondary = self.start_secondary()
        config = self.subscriber("zone", url="file://" + self.path("taken.zone"), format="rpz")
        wait_for(lambda: self.serial() == 1)
        self.assertEqual(self.take(config), self.published)
        # Only who has the key gets it.
        self.assertNotIn("shop.example", self.transfer())
        self.assertIn("shop.example", self.transfer("-y", self.KEY))
        # What is withdrawn goes, by a transfer of what has changed.
        self.publish_items([*items[1:], self.item("new.example")], formats=("rpz",))
        reload()
        wait_for(lambda: self.serial() == 2)
        self.assertEqual(self.take(config), self.published)
        self.assertIn(("subtree", "new.example"), self.published)
        self.assertNotIn(("subtree", "shop.example"), self.published)
        self.assertRegex(secondary.log(), r"IXFR, incoming, .*(finished|updated)")

    def test_nsd(self):
        self.check_primary(self.start_nsd)

    def test_knot(self):
        self.check_primary(self.start_knot_primary)

"""What is published, as others judge it: minisign, checkers of zones, OASIS's schemas, the rules by which MISP takes a feed. And that
it is made of the state alone. 400 names; 200,000 by hand, see tests/acceptance.sh. WEIR_NAMES says how many names."""
import csv, hashlib

from share_lab import *
from stix_schemas import *

NAMES = int(os.environ.get("WEIR_NAMES", "400"))
MOST_OF_STIX = 20000
WITHDRAWN = 20
UUID_TEXT = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
LONG = ".".join(["a" * 60] * 4)  # 244 octets
# Names that a zone, a pattern, a path or a spreadsheet may take for something else.
HOSTILE = [f"{LONG[:-9]}.x.example", f"*.{LONG[:-28]}.y.example", "x" * 63 + ".example", "xn--bcher-kva.example", "xn--a.example",
           "_dmarc._tcp.example", "*.a_b.example", "1.2.3.4.example", "0x7f.1.example", "*.4.3.2.1.in-addr.example", "null.example",
           "*.true.example", "manifest.json.example", "example.example", "ns.example", "*.soa.example", "in.example", "ttl.example",
           "localhost.example", "a--b.example", "xn--80akhbyknj4f.example", "*.e.e.e.e.e.e.e.e.e.e.e.e.e.e.e.e.example", "-.example",
           "*.wild.example", "www.-x-.example"]
TEXTS = ['a "quoted" \\ text', "</script><script>alert(1)</script>", "=cmd|' /C calc'!A0", "Zeile\u2028Ende \u202etxet", "\U0001f4a3 \u00fc",
         "' OR '1'='1", "%s%n{0}", "x" * 400, "\ttab"]


def unique_keys(pairs):
    """For json.load: an object with a key twice means one thing to one reader and another thing to another."""
    keys = [key for key, _ in pairs]
    assert len(set(keys)) == len(keys), keys
    return dict(pairs)


class Acceptance(ShareLab):
    def setUp(self):
        super().setUp()
        self.begin = int(time.time())

    def configure_all(self, names, items):
        """Outputs in all formats. STIX has a limit, so its outputs are of the hostile names and of some others."""
        self.write("big.txt", "\n".join(names))
        self.write("hostile.txt", "\n".join([*HOSTILE, *names[:min(NAMES // 2, MOST_OF_STIX - 100)]]))
        outputs = [{"name": f, "format": f, "to": self.path("srv", f), "recipients": ["isp-b.example"], "tlp": "green",
                    "of": ["operator", "hostile"] + ["big"] * (f not in ("stix", "taxii")), "sign-key-file": self.path("share.sec"),
                    **({"zone": "rpz.isp.example"} if f == "rpz" else {})} for f in FORMATS]
        feeds = [{"name": f, "url": "file://" + self.path(f + ".txt"), "format": "domains", "republish": "yes", "tlp": "green"}
                 for f in ("big", "hostile")]
        organisation = {"name": 'ISP-A "CERT" <b>\u00fc', "uuid": ORGANISATION, "contact": "abuse@isp.example"}
        self.configure(feeds, run="none", organisation=json.dumps(organisation), block=json.dumps(items, ensure_ascii=False), share=json.dumps(outputs),
                       categories=json.dumps([{"name": "phishing"}, {"name": "c2"}]))

    def share_as(self, at, umask=0o022, code=0, **environment):
        """A release at that time, and by whom, and where, the environment tells."""
        env = {**self.still(self.begin + at), **environment}
        result = subprocess.run([FEEDSYNC, "-c", self.config, "share"], capture_output=True, text=True, timeout=900, env=env, umask=umask,
                                cwd=env.get("HOME", "/"))
        self.assertEqual(result.returncode, code, result.stderr)

    def test_accepted(self):
        names = [f"*.n{i}.example" if i % 3 else f"n{i}.example" for i in range(NAMES)]
        items = [self.item(f"t{i}.example", "exact" if i % 2 else "subtree", ("phishing", "c2")[i % 2], reason=text)
                 for i, text in enumerate(TEXTS)] + [self.item("over.example", expires="2099-12-24", tlp="clear")]
        self.configure_all(names, items)
        self.sync()
        for folder in "state", "srv":
            os.makedirs(self.path(folder), exist_ok=True)
            shutil.copytree(self.path(folder), self.path("before-" + folder), symlinks=True)
        self.share_as(10)
        before = self.judge()
        self.assert_same_octets()
        # Some are withdrawn, and so is one of the operator's.
        self.configure_all(names[WITHDRAWN:] + ["*.new.example"], items[1:])
        self.sync()
        self.share_as(4000)
        after = self.judge()
        self.assert_withdrawn(before, after)

    def assert_same_octets(self):
        """The same state, elsewhere: the same files, to the octet, with the same times of change and rights."""
        os.makedirs(self.path("elsewhere"))
        os.rename(self.path("srv"), self.path("srv-first"))
        shutil.rmtree(self.path("state"))
        for folder in "state", "srv":
            shutil.copytree(self.path("before-" + folder), self.path(folder), symlinks=True)
        self.share_as(10, umask=0o077, TZ="Pacific/Chatham", LC_ALL="de_DE.UTF-8", LANG="tr_TR.UTF-8", HOME=self.path("elsewhere"), USER="other",
                      TMPDIR=self.path("elsewhere"))
        difference = subprocess.run(["diff", "-r", self.path("srv-first"), self.path("srv")], capture_output=True, text=True)
        self.assertEqual((difference.returncode, difference.stdout + difference.stderr), (0, ""))
        first, second = ({path.removeprefix(top): (os.stat(path).st_mode, os.path.isfile(path) and os.stat(path).st_mtime)
                          for path in glob.glob(top + "/*/current/**", recursive=True)} for top in (self.path("srv-first"), self.path("srv")))
        self.assertEqual(first, second)
        self.assertEqual(os.listdir(self.path("elsewhere")), [])
        shutil.rmtree(self.path("srv-first"))

    # ---- the judges ----

    def judge(self):
        """All that was published. Returns what MISP would know: attributes by uuid, and the time of each event."""
        for f, file in MAIN_FILES.items():
            self.minisign("-V", "-q", "-P", self.key, "-m", self.path("srv", f, "current", file))
        table = {rule for rule in self.dump()}
        zone = self.path("srv/rpz/current/rpz.isp.example.zone")
        for checker in ["named-checkzone", "-i", "none"], ["nsd-checkzone"]:
            subprocess.run([*checker, "rpz.isp.example", zone], check=True, capture_output=True)
        misp = self.judge_misp_feed(table)
        for objects in self.read_bundle(), self.read_taxii():
            self.judge_objects(objects, table)
        with open(self.path("srv/domains/current/list.txt"), "rb") as f:
            lines = [line for line in f.read().split(b"\n")[:-1] if not line.startswith(b"#")]
        self.assertEqual(lines, sorted(set(lines), key=lambda line: line.removeprefix(b"*.")))
        self.assertEqual({("subtree", l[2:].decode()) if l.startswith(b"*.") else ("exact", l.decode()) for l in lines}, table)
        return misp

    def load(self, *path):
        with open(self.path("srv", *path), encoding="utf-8", newline="") as f:
            return json.load(f, object_pairs_hook=unique_keys, parse_constant=self.fail)

    def judge_misp_feed(self, table):
        """Each rule is one that MISP's code reads, or that a MISP was seen to need."""
        top = self.path("srv/misp-feed/current")
        manifest, known, events, live = self.load("misp-feed/current/manifest.json"), {}, {}, set()
        hashes = collections.Counter()
        self.assertEqual({name for name in os.listdir(top) if re.fullmatch(UUID_TEXT + r"\.json", name)},
                         {uuid + ".json" for uuid in manifest if re.fullmatch(UUID_TEXT, uuid)})
        for uuid, told in manifest.items():
            if not re.fullmatch(UUID_TEXT, uuid):
                continue
            with open(os.path.join(top, uuid + ".json"), "rb") as f:
                self.assertEqual(hashlib.sha256(f.read()).hexdigest(), told["integrity:sha256"])
            e = self.load(f"misp-feed/current/{uuid}.json")["Event"]
            self.assertEqual((e["uuid"], e["published"], e["Orgc"]["uuid"]), (uuid, True, ORGANISATION))
            for key in "timestamp", "info", "date", "analysis", "threat_level_id", "Orgc", "Tag":
                self.assertEqual(e[key], told[key], key)
            self.assertLessEqual(len(e["Attribute"]), 5000)
            self.assertRegex(e["date"], r"^\d{4}-\d\d-\d\d$")
            self.assertNotIn("distribution", e)
            newest = 0
            for a in e["Attribute"]:
                self.assertRegex(a["uuid"], f"^{UUID_TEXT}$")
                self.assertNotIn(a["uuid"], known)
                self.assertIn(a["type"], ("domain", "hostname"))
                self.assertEqual((a["category"], a["to_ids"]), ("Network activity", True))
                self.assertRegex(a["timestamp"], r"^\d+$")
                newest = max(newest, int(a["timestamp"]))
                known[a["uuid"]] = (uuid, a["value"], a["deleted"], int(a["timestamp"]))
                if not a["deleted"]:
                    live.add(({"domain": "subtree", "hostname": "exact"}[a["type"]], a["value"]))
                    hashes[hashlib.md5(a["value"].encode()).hexdigest(), uuid] += 1
            self.assertGreaterEqual(int(e["timestamp"]), newest)
            events[uuid] = int(e["timestamp"])
        self.assertEqual(live, table)
        with open(os.path.join(top, "hashes.csv"), newline="") as f:
            self.assertEqual(collections.Counter((digest, uuid) for digest, uuid in csv.reader(f)), hashes)
        return known, events

    def assert_withdrawn(self, before, after):
        """What MISP drops of a withdrawal: an attribute without a greater time, an event without one, one that has moved."""
        (old, old_events), (new, new_events) = before, after
        self.assertLessEqual(old.keys(), new.keys())
        gone = 0
        for uuid, (event, value, deleted, at) in old.items():
            self.assertEqual(new[uuid][:2], (event, value))
            if new[uuid][2]:
                gone += 1
                self.assertGreater(new[uuid][3], at, value)
                self.assertGreater(new_events[event], old_events[event])
            else:
                self.assertEqual(new[uuid][3], at, value)
        self.assertEqual(gone, WITHDRAWN + 1)

    def read_bundle(self):
        bundle = self.load("stix/current/bundle.json")
        check_schema({**bundle, "objects": bundle["objects"][:10]})
        return bundle["objects"]

    def read_taxii(self):
        """The resources, and the objects of all pages."""
        discovery, root = self.load("taxii/current/taxii2/index.json"), self.load("taxii/current/api/index.json")
        self.assertEqual((discovery["api_roots"], discovery["default"], root["versions"]), (["/api/"], "/api/", ["application/taxii+json;version=2.1"]))
        self.assertIsInstance(root["max_content_length"], int)
        [collection] = self.load("taxii/current/api/collections/index.json")["collections"]
        self.assertEqual((collection["can_read"], collection["can_write"]), (True, False))
        self.assertRegex(collection["id"], f"^{UUID_TEXT}$")
        objects, pages = [], len(glob.glob(self.path("srv/taxii/current/objects/[0-9]*.json")))
        for page in range(1, pages + 1):
            envelope = self.load(f"taxii/current/objects/{page}.json")
            self.assertEqual((envelope.get("more", False), envelope.get("next")), (page < pages, str(page + 1) if page < pages else None))
            objects += envelope["objects"]
        return objects

    def judge_objects(self, objects, table):
        ids = collections.Counter(o["id"] for o in objects)
        self.assertEqual(ids.most_common(1)[0][1], 1)
        rules = set()
        for o in objects:
            check_schema(o)
            for reference in [o.get("created_by_ref"), *o.get("object_marking_refs", [])]:
                self.assertTrue(reference is None or reference in ids, reference)
            if o["type"] == "indicator" and not o.get("revoked"):
                [scope] = [label[len('misp:type="'):-1] for label in o["labels"] if label.startswith('misp:type="')]
                name = re.fullmatch(r"\[domain-name:value = '([^'\\]+)'\]", o["pattern"])[1]
                rules.add(({"domain": "subtree", "hostname": "exact"}[scope], name))
        self.assertLessEqual(rules, table)
        self.assertEqual({rule[1] for rule in table - rules if not re.fullmatch(r"(n\d+|new)\.example", rule[1])}, set())
        self.assertEqual(len([rule for rule in rules if re.fullmatch(r"n\d+\.example", rule[1])]), min(NAMES // 2, MOST_OF_STIX - 100))

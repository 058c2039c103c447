"""`--json`: each command's output is as docs/json.md describes it."""
from feeds import *
from trends_store import *

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TYPES = {"text": str, "number": (int, float), "flag": bool, "list": list, "object": dict, "null": type(None)}


def schemas():
    """command -> {member: (its types, whether it must be there)}"""
    found = {}
    for section in open(os.path.join(TOP, "docs/json.md")).read().split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        rows = re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", body, re.M)
        found[title.split()[1].rstrip(",")] = {name: (kind.replace(", optional", "").strip().split(" or "), "optional" not in kind) for name, kind in rows}
    return found


class Json(FeedLab):
    def check_object(self, schema, value, at=""):
        members = {name[len(at):]: row for name, row in schema.items() if name.startswith(at) and not re.search(r"\[\]|\.", name[len(at):])}
        if not members:
            return
        # Of `publishes` and `status` only what most readers want is described.
        if at not in ("publishes[].",):
            self.assertEqual(set(value) - set(members), set(), f"not described: {at}")
        for name, (types, needed) in members.items():
            if name not in value:
                self.assertFalse(needed, at + name)
                continue
            given = value[name]
            fits = any(isinstance(given, TYPES[t]) and not (t == "number" and isinstance(given, bool)) for t in types)
            self.assertTrue(fits, f"{at}{name}: {given!r} is no {types}")
            if isinstance(given, dict):
                self.check_object(schema, given, f"{at}{name}.")
            if isinstance(given, list):
                for item in given:
                    if isinstance(item, dict):
                        self.check_object(schema, item, f"{at}{name}[].")

    def answers(self, command, *words, code=0, lines=False):
        text = self.feedsync("-c", self.config, command, "--json", *words, code=code).stdout
        answers = [json.loads(line) for line in text.splitlines()] if lines else [json.loads(text)]
        for answer in answers:
            self.assertEqual(answer["schema"], 1)
            self.check_object(schemas()[command], answer)
        return answers

    def test_as_described(self):
        self.configure(self.local_feeds(l="evil.example\nhttp://shop.example/x\n", **{"except": {"content": "@@||www.evil.example^\n", "format": "adblock"}}),
                       hits="\n  events: yes", organisation="{name: N, uuid: 0c1d6a2e-3c7d-4c4f-8a0e-3b0c2f6f9d10, contact: a@isp.example}",
                       block="[{name: shared.example}, {name: google.com}]",
                       share=f"[{{name: o, format: domains, to: {self.path('out')}, recipients: [r], tlp: green, of: [operator]}}]")
        self.sync(code=None)
        self.feedsync("-c", self.config, "allow", "good.example", "--reason", "x", code=None)
        self.assertEqual(len(self.answers("share", "--dry-run")[0]["outputs"][0]["withheld"]), 1)
        self.feedsync("-c", self.config, "share", code=0)
        self.assertEqual(len(self.answers("shared")[0]["rows"]), 2)
        self.assertEqual(self.answers("shared", "--verify")[0]["rows"], 2)
        self.assertEqual(self.answers("shared", "x.shared.example")[0]["items"][0]["state"], "listed")
        self.unbound(self.internet())
        self.assert_blocked("evil.example")
        verified = self.answers("verify", self.table)[0]
        self.assertEqual((verified["valid"], verified["error"], verified["generation"]), (True, "", 2))
        broken = self.answers("verify", self.write("broken", "x" * 5000), code=1)[0]
        self.assertEqual((broken["valid"], "generation" in broken), (False, False))
        for words, code in ((("good.example", "--reason", "y"), 0), (("good.example", "--reason", "y", "--until", "2001-01-01"), 2)):
            self.assertEqual(self.answers("allow", *words, code=code if code else None)[0]["done"], code == 0)
        looked = self.answers("lookup", self.table, "evil.example", "good.example", "other.example", code=1, lines=True)
        self.assertEqual([(a["decision"], a["rule"], a["feeds"], a["action"]) for a in looked],
                         [("block", "evil.example", ["l"], "nxdomain"), ("allow", "good.example", ["operator"], "allow"), ("pass", None, [], None)])
        hits = self.answers("hits", lines=True)
        self.assertEqual([(h["rule"], h["type"], h["feed"], h["action"]) for h in hits], [("evil.example", "A", "l", "nxdomain")])
        why = self.answers("why", "evil.example", code=1)[0]
        self.assertEqual((why["decision"], why["sources"], [(e["feed"], e["kind"], e["line"], e["in_force"]) for e in why["entries"]]),
                         ("block", [{"feed": "l", "category": "malicious"}], [("l", "block", 1, True)]))
        self.assertEqual([e["reason"] for e in self.answers("why", "shop.example")[0]["rejected"]], ["url"])
        self.assertEqual([i["list"] for i in self.answers("why", "www.good.example")[0]["operator"]], ["allow"])
        self.assertEqual(self.answers("check")[0]["errors"], [])
        self.answers("why", "--record", "evil.example", code=1)
        make_store(self.path("state"), {1: [("evil.example", 700, 200)], 2: [("evil.example", 600, 200)]})
        self.assertEqual(self.answers("trends")[0]["rules"][0]["name"], "evil.example")
        self.answers("why", "evil.example", code=1)
        self.answers("feeds")
        self.answers("history")
        self.answers("status", code=None)
        self.configure(self.local_feeds(l="evil.example\n"), fleet=json.dumps({"resolvers": [{"name": "one", "address": "127.0.0.1", "port": self.port}]}))
        self.assertEqual(self.answers("fleet")[0]["resolvers"][0]["state"], "well")
        config, self.config = self.config, self.write("wrong.yaml", "feeds:\n  - nam: x\n")
        errors = self.answers("check", code=1)[0]
        self.assertTrue(errors["error_count"] >= 1 and errors["errors"][0]["line"] == 2, errors)
        self.config = config

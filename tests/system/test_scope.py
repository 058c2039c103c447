"""What a rule covers, and what it must leave alone: the chain of trust through a listed name (RFC 4035), what is below a name
that a DNAME leads to (RFC 6672), and what Unbound asks for itself."""
from feeds import *

BELOW = "www A 192.0.2.11\nmail A 192.0.2.12\nx.mail A 192.0.2.13\n"


class Trust(FeedLab):
    """A resolver that others ask which validate: an Unbound that forwards to it, and delv. Of the zones below "example", which
    is signed and where their trust begins, "shop" and "deep.shop" are signed and "plain" is not."""

    def ldns(self, *words):
        return subprocess.run(words, cwd=self.directory, check=True, capture_output=True, text=True).stdout.strip()

    def zone(self, name, records, signed=True):
        """Writes the file of a zone. Returns its DS record, "" if it is not signed."""
        text = f"$ORIGIN {name}.\n$TTL 300\n@ SOA ns.{name}. r.{name}. 1 3600 600 86400 60\n@ NS ns.{name}.\nns A 127.0.0.1\n"
        self.write(f"{name}.zone", text + records)
        if not signed:
            return ""
        key = self.ldns("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", name)
        self.ldns("ldns-signzone", "-o", name, "-f", f"{name}.zone", f"{name}.zone", key)
        self.keys[name] = self.read(f"{key}.key")
        self.anchor = re.search(r"(\S+)\.\s.*DNSKEY\s+(\d+ \d+ \d+ \S+)", self.keys[name]).groups()
        return self.read(f"{key}.ds")

    def read(self, name):
        with open(self.path(name)) as f:
            return f.read()

    def setUp(self):
        super().setUp()
        self.keys = {}
        deep = self.zone("deep.shop.example", BELOW)
        shop = self.zone("shop.example", "@ A 192.0.2.10\ndeep NS ns.deep\nns.deep A 127.0.0.1\n" + deep + BELOW)
        self.zone("plain.example", "@ A 192.0.2.20\n" + BELOW, signed=False)
        self.zone("example", "probe A 192.0.2.1\n" + shop + "".join(
            f"{zone} NS ns.{zone}\nns.{zone} A 127.0.0.1\nalias{zone} CNAME {zone}.example.\nx.alias{zone} A 192.0.2.12\n"
            for zone in ("shop", "plain")))
        self.upstream = self.authority({zone: f"{zone}.zone" for zone in (
            "example", "shop.example", "deep.shop.example", "plain.example")})

    def downstream(self):
        """Starts an Unbound that validates what the resolver tells it. Returns its port."""
        port = free_port()
        owner, key = self.anchor
        conf = self.unbound_conf("down.conf", port, self.port, "validator iterator",
                                 f'  val-log-level: 2\n  trust-anchor: "{owner}. DNSKEY {key}"\nremote-control:\n  control-enable: no\n')
        self.down = Process(self, "down", [UNBOUND, "-d", "-c", conf])
        wait_for(lambda: ask(port, "probe.example", timeout=1))
        return port

    def delv(self, name):
        """Whether delv takes what it is told of a name's address for true."""
        owner, key = self.anchor
        flags, protocol, algorithm, octets = key.split()
        anchor = self.write("anchor", f'trust-anchors {{ {owner}. static-key {flags} {protocol} {algorithm} "{octets}"; }};\n')
        said = subprocess.run(["delv", "@127.0.0.1", "-p", str(self.port), "-a", anchor, f"+root={owner}", name, "A"],
                              capture_output=True, text=True, timeout=120)
        return re.search(r"^; (fully validated|unsigned answer)$", said.stdout, re.M) is not None

    def check(self, cases, **options):
        """Asks both for each name; `cases` tells what is well: an address, or that it is not there."""
        self.unbound(self.upstream, **options)
        port = self.downstream()
        for name, wanted in cases.items():
            answer = ask(port, name)
            true = self.delv(name)
            with self.subTest(name):
                if wanted.startswith("192"):
                    self.assertEqual((answer.rcode, answer.addresses()), ("NOERROR", [wanted]),
                                     re.findall("validation failure.*", self.down.log()))
                    self.assertTrue(true)
                else:
                    self.assertEqual((answer.rcode, answer.addresses()), (wanted, []))
                    self.assertFalse(true)

    def test_exact(self):
        """Only the zones' own names are listed; each other name is validated by way of them."""
        self.compile(["shop.example", "plain.example", "deep.shop.example"], scope="exact")
        for modules in ("dynlib iterator", "dynlib validator iterator"):
            self.check({"mail.shop.example": "192.0.2.12", "x.mail.shop.example": "192.0.2.13", "mail.plain.example": "192.0.2.12",
                        "x.mail.plain.example": "192.0.2.13", "mail.deep.shop.example": "192.0.2.12",
                        "plain.example": "NXDOMAIN", "x.aliasshop.example": "192.0.2.12", "x.aliasplain.example": "192.0.2.12"},
                       modules=modules)
            for name in ("shop.example", "plain.example", "deep.shop.example"):
                for qtype in ("A", "NS", "SOA", "TXT", "CDS"):
                    self.assert_blocked(name, qtype)

    def test_allowed_below_a_subtree(self):
        self.publish(self.local_feeds(f="*.shop.example\n*.plain.example\n"), allow="".join(
            f"\n  - name: {name}\n    reason: r" for name in ("www.shop.example", "mail.deep.shop.example", "x.mail.plain.example")))
        self.check({"www.shop.example": "192.0.2.11", "mail.deep.shop.example": "192.0.2.12", "x.mail.plain.example": "192.0.2.13",
                    "mail.shop.example": "SERVFAIL", "www.deep.shop.example": "SERVFAIL", "www.plain.example": "NXDOMAIN"})
        # What nothing that is allowed needs is not even asked for: the records of such names may be anything.
        for name in ("x.www.deep.shop.example", "www.plain.example"):
            for qtype in ("DS", "DNSKEY"):
                self.assert_blocked(name, qtype)

    def test_excepted_and_of_other_groups(self):
        """What one feed excepts, and what is blocked for others only."""
        self.publish(self.local_feeds(f={"content": "||shop.example^\n@@||www.shop.example^\n", "format": "adblock"},
                                      g={"content": "*.plain.example\n", "category": "adult"}),
                     categories="\n  - name: adult\n    action: log",
                     groups="\n  - name: strict\n    clients: [127.0.9.0/24]\n    action: nxdomain")
        self.check({"www.shop.example": "192.0.2.11", "mail.shop.example": "SERVFAIL", "mail.plain.example": "192.0.2.12"})
        self.assert_blocked("mail.plain.example", source="127.0.9.1")
        self.assert_blocked("mail.plain.example", "DNSKEY", source="127.0.9.1")
        self.assertFalse(self.ask("plain.example", "DS", source="127.0.9.1").blocked())

    def test_subtree(self):
        """That a zone is not signed is proved by the zone above: so who validates is told that the name is not there. Nobody
        can make others believe that of a signed one."""
        self.compile(["shop.example", "plain.example"])
        self.check({"plain.example": "NXDOMAIN", "x.mail.plain.example": "NXDOMAIN", "shop.example": "SERVFAIL",
                    "mail.shop.example": "SERVFAIL"})
        for name in ("shop.example", "plain.example"):
            self.assertFalse(self.ask(name, "DS").blocked())
            for below in ("mail." + name, "x.mail." + name):
                self.assert_blocked(below, "DS")
                self.assert_blocked(below, "DNSKEY")
            self.assert_blocked(name, "DNSKEY")


    def test_keys_that_unbound_looks_after(self):
        """It asks for the keys of its trust anchors from time to time (RFC 5011), and at the start."""
        self.compile(["shop.example"])
        anchor = self.write("anchor.key", self.keys["shop.example"])
        self.unbound(self.upstream, modules="dynlib validator iterator", options=f'  auto-trust-anchor-file: "{anchor}"\n')
        wait_for(lambda: re.search(r"^;;last_success: [1-9]", self.read("anchor.key"), re.M))
        self.assertIn("VALID", self.read("anchor.key"))
        self.assert_blocked("shop.example", "DNSKEY")


class Renamed(FeedLab):
    """A DNAME renames what is below its owner, to names below its target: neither of the two is part of that."""

    ZONE = ("* A 192.0.2.1\nold.example DNAME new.example.\nold.example A 192.0.2.3\nnew.example A 192.0.2.7\n"
            "www.new.example A 192.0.2.8\nmail.new.example A 192.0.2.9\n")
    CASES = [  # rules, what is allowed; blocked, and what passes
        (["exact new.example"], [], ["new.example A"],
         ["mail.old.example A", "www.old.example A", "mail.new.example A", "old.example DNAME", "old.example ANY"]),
        (["subtree new.example"], [], ["new.example A", "mail.old.example A", "www.old.example A", "mail.new.example A"],
         ["old.example A", "old.example DNAME", "old.example ANY"]),
        (["subtree new.example"], ["www.new.example"], ["new.example A", "mail.old.example A"],
         ["www.old.example A", "www.new.example A", "old.example DNAME"]),
        (["exact mail.new.example"], [], ["mail.old.example A", "mail.new.example A"], ["www.old.example A", "new.example A"]),
        (["exact old.example"], [], ["old.example A", "old.example DNAME"], ["mail.old.example A", "new.example A"]),
        (["subtree old.example"], [], ["old.example A", "mail.old.example A"], ["mail.new.example A"]),
    ]

    def put(self, rules, allowed):
        feeds = self.local_feeds(**{f"f{i}": {"content": rule.split()[1] + "\n", "scope": rule.split()[0]}
                                    for i, rule in enumerate(rules)})
        allow = "".join(f"\n  - name: {name}\n    reason: r" for name in allowed)
        self.publish(feeds, **({"allow": allow} if allowed else {}))

    def check(self, blocked, passing):
        for question in passing:
            self.assertFalse(self.assert_passes(*question.split()).blocked())
        for question in blocked:
            self.assert_blocked(*question.split())

    def test_from_the_start(self):
        upstream = self.internet(self.ZONE)
        for upstream_zone in (FORWARD, RECURSE):
            for rules, allowed, blocked, passing in self.CASES:
                with self.subTest(rules=rules, allowed=allowed, upstream_zone=upstream_zone):
                    self.put(rules, allowed)
                    unbound = self.unbound(upstream, upstream_zone=upstream_zone)
                    for _ in range(2):
                        self.check(blocked, passing)
                    self.assertEqual(unbound.stop(), 0, unbound.log())
                    unbound.expect_end = True

    def test_listed_later(self):
        """What is in the cache is looked at in the same way."""
        self.put(["exact other.example"], [])
        self.unbound(self.internet(self.ZONE))
        for rules, allowed, blocked, passing in self.CASES:
            with self.subTest(rules=rules, allowed=allowed):
                self.put(["exact other.example"], [])
                wait_for(lambda: self.ask("other.example").blocked())
                for question in blocked + passing:
                    self.assert_passes(*question.split())
                self.put(rules, allowed)
                for question in blocked:
                    wait_for(lambda: self.ask(*question.split()).blocked())
                for _ in range(2):
                    self.check(blocked, passing)


class Own(FeedLab):
    """What Unbound asks for itself is not a subscriber's: a list must not keep it from its zones and keys."""

    def setUp(self):
        super().setUp()
        self.serve()
        for zone in ("z", "rpz"):
            self.write(f"www/{zone}.zone", f"$ORIGIN {zone}.example.\n$TTL 60\n@ SOA a. b. 7 60 60 600 60\n@ NS a.\nwww A 192.0.2.99\n")
        self.address = record("xfr.evil.example", "A", "127.0.0.1")

    def test_zones_from_listed_hosts(self):
        for action in ("nxdomain", "drop", "redirect"):
            with self.subTest(action):
                self.publish(self.local_feeds(f={"content": "*.evil.example\n", "category": "bad"}),
                             categories=f"\n  - name: bad\n    action: {action}\n    redirect: garden.example")
                script = {("xfr.evil.example", "A"): ([self.address], []),
                          ("alias.example", "A"): ([record("alias.example", "CNAME", "xfr.evil.example"), self.address], [])}
                with ScriptServer(script, delay=0.05) as server:
                    unbound = self.unbound(server.port, control=True, modules="dynlib respip validator iterator", wait=False,
                                           upstream_zone=FORWARD + f"""
auth-zone:
  name: "z.example"
  url: "http://xfr.evil.example:{self.server_port}/z.zone"
  for-downstream: yes
rpz:
  name: "rpz.example"
  url: "http://alias.example:{self.server_port}/rpz.zone"
""")
                    # Clients that ask for the same meanwhile are blocked all the same.
                    def loaded():
                        answer = self.ask("xfr.evil.example", timeout=0.2)
                        self.assertNotEqual(answer and answer.addresses(), ["127.0.0.1"])
                        return self.unbound_control("list_auth_zones").stdout.count("serial 7") == 2
                    wait_for(loaded)
                    self.assertEqual(self.ask("www.z.example").addresses(), ["192.0.2.99"])
                    for _ in range(2):
                        for name in ("xfr.evil.example", "alias.example"):
                            answer = self.ask(name, timeout=0.3)
                            self.assertNotEqual(answer and answer.addresses(), ["127.0.0.1"])
                    self.assertEqual(unbound.stop(), 0, unbound.log())
                    unbound.expect_end = True


class Given(FeedLab):
    """What the operator himself has named."""

    def test_zones_of_unbound_conf(self):
        """An authority zone that Unbound asks like any server is looked at; one that it answers from by itself is not, as
        docs/limits.md says."""
        self.compile(["evil.host"])
        self.write("own.zone", "$ORIGIN own.example.\n$TTL 60\n@ SOA a. b. 1 60 60 600 60\n@ NS a.\nwww A 192.0.2.5\n"
                               "alias CNAME evil.host.\nchain CNAME alias\nservice HTTPS 1 evil.host.\nd DNAME evil.host.\n")
        upstream = self.internet("*.host A 192.0.2.66\n* A 192.0.2.1\n")
        for downstream in ("no", "yes"):
            with self.subTest(downstream):
                unbound = self.unbound(upstream, upstream_zone=RECURSE + f"""
auth-zone:
  name: "own.example"
  zonefile: "{self.path("own.zone")}"
  for-upstream: yes
  for-downstream: {downstream}
""")
                for _ in range(2):
                    self.assertEqual(self.assert_passes("www.own.example").addresses(), ["192.0.2.5"])
                    for name, qtype in (("alias", "A"), ("chain", "A"), ("service", "HTTPS"), ("x.d", "A")):
                        answer = self.ask(f"{name}.own.example", qtype)
                        self.assertEqual(answer.blocked(), downstream == "no", answer)
                self.assertEqual(unbound.stop(), 0)
                unbound.expect_end = True

    def test_redirect_to_what_is_listed(self):
        """By another category, and to an alias of what is: who is sent there gets it, who asks for it himself does not."""
        zone = "*.host A 192.0.2.66\n* A 192.0.2.1\nalias.garden CNAME evil.host.\n"
        upstream = self.internet(zone)
        for target, address in (("portal.host", "192.0.2.66"), ("alias.garden", "192.0.2.66")):
            self.publish(self.local_feeds(f={"content": "*.away.example\n", "category": "sent"}, g="portal.host\nevil.host\n"),
                         categories=f"\n  - name: sent\n    action: redirect\n    redirect: {target}")
            unbound = self.unbound(upstream)
            for _ in range(2):
                answer = self.ask("x.away.example")
                self.assertEqual((answer.answer[0].type, answer.addresses()), ("CNAME", [address]))
                self.assert_blocked(target)
                self.assert_blocked("evil.host")
            self.assertEqual(unbound.stop(), 0)
            unbound.expect_end = True

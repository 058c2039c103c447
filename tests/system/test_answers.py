"""What a client gets for each action, type, transport and flag. The expectations are those of RFC 1034 section 4.3.2 (names
and types), RFC 2308 (negative answers: SOA and its TTL), RFC 6891 and 8914 (EDNS, Extended DNS Errors only to who sent
EDNS), RFC 9460 (SVCB and HTTPS targets), and of draft-vixie-dnsop-dns-rpz for actions that RPZ has as well."""
from feeds import *

TTL = 77
ACTIONS = {
    "nxdomain": "ede: 15", "nodata": "ede: 16\n    text: by order of a court", "refused": "ede: 17", "drop": "ede: 17",
    "truncate": "ede: 15", "sinkhole": 'ede: 15\n    ipv4: 192.0.2.66\n    ipv6: "2001:db8::66"',
    "redirect": "ede: 15\n    redirect: garden.safe.example", "log": "ede: 15", "allow": "ede: 15",
}
EDE = {"nodata": (16, "by order of a court"), "refused": (17, "")}
QTYPES = ["A", "AAAA", "HTTPS", "MX", "TXT", "ANY", "DS", "NS", "SOA", 65280]
ZONE = "".join(f"""*.{above} A 192.0.2.1
*.{above} AAAA 2001:db8::1
*.{above} MX 10 mail.other.example.
*.{above} TXT "text"
*.{above} HTTPS 1 . alpn=h2
""" for above in ("listed.example", "safe.example", "example")) + """garden.safe.example A 192.0.2.99
garden.safe.example TXT "garden"
"""


class Answers(FeedLab):
    def setUp(self):
        super().setUp()
        feeds, categories, groups = [], "", ""
        for action, more in ACTIONS.items():
            self.write(action, f"{action}.listed.example\n")
            feeds.append({"name": action, "url": "file://" + self.path(action), "format": "domains", "scope": "subtree",
                          "category": action})
            categories += f"\n  - name: {action}\n    action: {action}\n    ttl: {TTL}\n    {more}"
        self.settings = {"categories": categories}
        self.feeds = feeds

    def start(self, zone=ZONE, **options):
        self.configure(self.feeds, **self.settings)
        self.sync()
        return self.unbound(self.internet(zone), **options)

    def check(self, answer, action, name, qtype, tcp, edns):
        what = f"{action} {name} {qtype} {'tcp' if tcp else 'udp'}"
        if action == "drop" and not tcp:
            self.assertIsNone(answer, what)
            return
        self.assertIsNotNone(answer, what)
        action = "refused" if action == "drop" else action  # no answer would end the other queries of a stream
        passes = action in ("log", "allow") or (action == "truncate" and tcp)
        self.assertEqual(answer.rcode, {"nxdomain": "NXDOMAIN", "refused": "REFUSED"}.get(action, "NOERROR"), what)
        self.assertFalse(answer.ad or answer.aa, what)
        self.assertEqual(answer.qname, name, what)
        self.assertEqual(answer.edns, edns, what)
        self.assertEqual(answer.tc, action == "truncate" and not tcp, what)
        # The error only to who understands it, and only where something was done to the answer.
        said = edns and action not in ("log", "allow")
        self.assertEqual(answer.ede, [EDE.get(action, (15, ""))] if said else [], what)
        records = [(r.name, r.type, r.ttl) for r in answer.answer]
        if passes:
            if qtype in ("A", "AAAA", "MX", "TXT", "HTTPS"):
                self.assertEqual([kind for _, kind, _ in records], [qtype], what)
            self.assertNotIn("nobody.invalid", answer.records(), what)
        elif action == "sinkhole" and qtype in ("A", "AAAA", "ANY"):
            wanted = ["A", "AAAA"] if qtype == "ANY" else [qtype]
            self.assertEqual(records, [(name, kind, TTL) for kind in wanted], what)
            self.assertEqual(answer.addresses(), ["192.0.2.66"] if "A" in wanted else [])
        elif action == "redirect":
            self.assertEqual(records[0], (name, "CNAME", TTL), what)
            if qtype in ("A", "TXT"):
                self.assertEqual([(owner, kind) for owner, kind, _ in records[1:]], [("garden.safe.example", qtype)], what)
            elif qtype not in ("AAAA", "HTTPS", "MX", "DS", "NS", "SOA", "ANY", 65280):
                self.fail(what)
            else:
                self.assertEqual(len(records), 1, what)
        else:
            self.assertEqual(records, [], what)
            if action in ("nxdomain", "nodata", "sinkhole"):
                soa = answer.soa
                self.assertEqual((soa.name, soa.ttl, soa.data.minimum), (f"{action}.listed.example", TTL, TTL), what)

    def check_contact(self, written, name, generation, version):
        for action in ACTIONS:
            for qtype, tcp in (("TXT", False), ("TXT", True), ("A", False)):
                answer, what = self.ask(f"x.{action}.listed.example", qtype, tcp=tcp, timeout=0.3), (action, qtype, tcp)
                if action in ("nxdomain", "nodata") or (action == "sinkhole" and qtype != "A"):
                    soa = answer.soa
                    self.assertEqual((soa.data.mname.to_text(), soa.data.rname.to_text()), ("localhost.", name), what)
                    self.assertEqual((soa.name, soa.data.serial), (f"{action}.listed.example", generation), what)
                elif answer is not None:
                    self.assertNotIn("isp.example", answer.records(), what)
        with open(self.table, "rb") as table:
            self.assertEqual(table.read(9)[8], version)
        checked = self.feedsync("-c", self.config, "check", code=0).stdout
        self.assertEqual(re.findall("soa-contact: (.*)", checked), [written] if written else [])
        for action in ("nodata", "refused"):
            why = self.feedsync("-c", self.config, "why", f"x.{action}.listed.example", code=1).stdout
            told = json.loads(self.feedsync("-c", self.config, "why", "--json", f"x.{action}.listed.example", code=1).stdout)
            shown = written if action == "nodata" else None
            self.assertEqual(re.findall("the SOA record of the answer has the contact (.*)", why), [shown] if shown else [])
            self.assertEqual(told["contact"], shown)

    def test_contact(self):
        """`soa-contact` stands in the SOA record of each negative answer, as a mailbox name, whose first label may hold dots
        (RFC 1035 section 8). It changes nothing else, and a sync puts it in force and takes it back."""
        self.settings["soa-contact"] = "dns.admin@isp.example"
        self.start()
        self.check_contact("dns.admin@isp.example", r"dns\.admin.isp.example.", 1, 4)
        del self.settings["soa-contact"]
        self.configure(self.feeds, **self.settings)
        self.sync()
        wait_for(lambda: self.ask("x.nodata.listed.example").soa.data.serial == 2)
        self.check_contact(None, "nobody.invalid.", 2, 3)

    def test_contact_that_is_none(self):
        for wrong in ("nobody", "dns@isp", "a b@isp.example", "dns@isp.example; noc", "'@isp.example'", r'"d\ns@isp.example"'):
            self.settings["soa-contact"] = wrong
            self.configure(self.feeds, **self.settings)
            self.assertIn("not an e-mail address", self.feedsync("-c", self.config, "check", code=1).stderr, wrong)

    def test_every_action_type_transport_and_flag(self):
        self.start()
        cases = 0
        for action in ACTIONS:
            for qtype in QTYPES if action != "drop" else ["A", "HTTPS"]:
                for tcp in (False, True):
                    for options in ({}, {"edns": False}, {"do": True}, {"cd": True}, {"do": True, "cd": True}):
                        for name in (f"{action}.listed.example", f"a.b.{action}.listed.example"):
                            if action == "drop" and name[0] == "a":
                                continue
                            answer = self.ask(name, qtype, tcp=tcp, timeout=0.3 if action == "drop" else 20, **options)
                            # DS records are those of the zone above: a rule says nothing of them where it begins.
                            holds = qtype != "DS" or name[0] == "a"
                            self.check(answer, action if holds else "allow", name, qtype, tcp, options.get("edns", True))
                            cases += 1
        self.assertGreater(cases, 1000)

    def test_recursion_not_desired(self):
        """Unbound refuses to look into its cache for strangers; what it holds for those it lets is clean."""
        self.start(options="  access-control: 127.0.0.0/8 allow_snoop\n")
        for action in ACTIONS:
            name = f"{action}.listed.example"
            if action != "drop":
                self.ask(name)
            answer = self.ask(name, rd=False)
            if action in ("log", "allow"):
                self.assertEqual(answer.addresses(), ["192.0.2.1"])
            else:
                self.assertTrue(answer is None or "192.0.2.1" not in answer.addresses(), (action, answer))

    def test_names_of_every_shape(self):
        label = "a" * 63
        longest = f"{label}.{label}.{label}." + "b" * (255 - 2 - 3 * 64 - len(".nxdomain.listed.example")) + ".nxdomain.listed.example"
        deepest = "a." * (127 - 3) + "xy.zz"
        self.write("nxdomain", "nxdomain.listed.example\nxy.zz\n")
        self.start()
        self.assertEqual(len(dns.name.from_text(longest).to_wire()), 255)
        self.assertEqual(len(dns.name.from_text(deepest).to_wire()), 2 * 124 + 3 + 3 + 1)
        for name in (longest, deepest, "NxDoMaIn.LiStEd.TeSt", "X.nxdomain.LISTED.example", r"_dmarc.nxdomain.listed.example"):
            for tcp in (False, True):
                answer = self.assert_blocked(name, tcp=tcp)
                self.assertEqual(answer.qname, name)  # letters as they were asked
        # The root and top-level names are never rules.
        for name in (".", "example.", "zz."):
            for qtype in ("A", "NS", "SOA", "TXT"):
                self.assertNotIn("nobody.invalid", self.ask(name, qtype).records(), (name, qtype))

    def test_the_error_never_displaces_the_answer(self):
        """A long text, a long name and a client that takes 512 octets: the answer is whole, the text may be missing."""
        self.settings["categories"] = f"\n  - name: nxdomain\n    action: nxdomain\n    text: {'x' * 200}"
        self.feeds = self.feeds[:1]
        self.start()
        name = ".".join(["a" * 60] * 3) + ".nxdomain.listed.example"
        small, large = self.ask(name, size=512), self.ask(name, size=1232)
        for answer in (small, large):
            self.assertEqual((answer.rcode, answer.tc), ("NXDOMAIN", False))
            self.assertIsNotNone(answer.soa)
        self.assertLessEqual(small.size, 512)
        self.assertEqual(small.ede, [(15, "")])
        self.assertEqual(large.ede, [(15, "x" * 200)])

    def test_each_client_of_a_shared_query(self):
        """They wait for the same, and each gets the error as its own EDNS has it: whole, without the text, or not at all."""
        text = "x" * 200
        self.settings["categories"] = "".join(f"\n  - name: {action}\n    action: {action}\n    text: {text}\n    "
                                              f"redirect: garden.safe.example\n    ipv4: 192.0.2.66"
                                              for action in ("nxdomain", "refused", "sinkhole"))
        self.feeds = [feed for feed in self.feeds if feed["name"] in ("nxdomain", "refused", "sinkhole")]
        kinds = ({"size": 512}, {"edns": False}, {"size": 1232}, {"size": 4096, "do": True}, {"tcp": True}, {"tcp": True, "size": 512},
                 {"tcp": True, "edns": False})
        front = ".".join(["a" * 60] * 2) + ".front{}.safe.example"
        rotations = [kinds[i:] + kinds[:i] for i in range(len(kinds))]
        cases = [("nxdomain", i) for i in range(len(rotations))] + [("refused", 1), ("sinkhole", 0)]
        with OddServer({front.format(f"-{action}{i}"): f"{action}.listed.example" for action, i in cases}, delay=0.15) as server:
            self.configure(self.feeds, **self.settings)
            self.sync()
            self.unbound(server.port, threads=1)
            for action, i in cases:
                name = front.format(f"-{action}{i}")
                answers = all_at_once(lambda kind: self.ask(name, **kind), [(kind,) for kind in rotations[i]])
                self.assertEqual(server.asked.count(name), 1)  # or this test shows nothing
                for kind, answer in zip(rotations[i], answers):
                    with self.subTest(action=action, first=rotations[i][0], kind=kind):
                        edns, small = kind.get("edns", True), kind.get("size") == 512 and not kind.get("tcp")
                        self.assertEqual(answer.rcode, {"nxdomain": "NXDOMAIN", "refused": "REFUSED"}.get(action, "NOERROR"))
                        self.assertEqual((answer.tc, answer.edns), (False, edns))
                        self.assertEqual(answer.ede, [(15, "" if small and action != "refused" else text)] if edns else [])
                        if not kind.get("tcp"):
                            self.assertLessEqual(answer.size, 512 if small or not edns else 4096)

    def test_targets(self):
        """An alias or a service that leads to a listed name gets that name's action; the owner of the SOA is the query's."""
        lines = ""
        for action in ACTIONS:
            lines += f"cname-{action}.safe.example CNAME x.{action}.listed.example.\n"
            lines += f"chain-{action}.safe.example CNAME cname-{action}.safe.example.\n"
            lines += f"https-{action}.safe.example HTTPS 1 {action}.listed.example. alpn=h2\n"
            lines += f"d-{action}.safe.example DNAME {action}.listed.example.\n"
        self.start(ZONE + lines)
        for action in ACTIONS:
            for name, qtype in ((f"cname-{action}.safe.example", "A"), (f"chain-{action}.safe.example", "TXT"),
                                (f"https-{action}.safe.example", "HTTPS"), (f"www.d-{action}.safe.example", "A")):
                for tcp in (False, True):
                    for _ in range(2):  # the second time it might come from the cache
                        answer = self.ask(name, qtype, tcp=tcp, timeout=0.3 if action == "drop" else 20)
                        what = f"{action} {name} {qtype} {tcp} {answer}"
                        if action == "drop" and not tcp:
                            self.assertIsNone(answer, what)
                            continue
                        self.assertIsNotNone(answer, what)
                        kinds = [r.type for r in answer.answer]
                        if action in ("log", "allow") or (action == "truncate" and tcp):
                            self.assertIn(qtype, kinds, what)
                            self.assertFalse(answer.tc)
                        elif action == "truncate":
                            self.assertEqual((answer.tc, kinds), (True, []), what)
                        elif action == "redirect":
                            self.assertEqual(answer.answer[0][:2], (name, "CNAME"), what)
                            self.assertNotIn("listed", answer.records())
                        elif action == "sinkhole" and qtype == "A":
                            self.assertEqual(answer.addresses(), ["192.0.2.66"], what)
                        else:
                            self.assertEqual(kinds, [], what)
                            self.assertEqual(answer.rcode, {"nxdomain": "NXDOMAIN", "refused": "REFUSED", "drop": "REFUSED"}.get(
                                action, "NOERROR"))
                            if action in ("nxdomain", "nodata", "sinkhole"):
                                self.assertEqual(answer.soa.name, name, what)

    def test_many_drops(self):
        """Dropping costs nothing that would be missed later: neither places for clients nor connections."""
        self.feeds = [feed for feed in self.feeds if feed["name"] == "drop"]
        with OddServer(delay=0.03) as server:
            self.configure(self.feeds, **self.settings)
            self.sync()
            self.unbound(server.port, threads=1, options="  num-queries-per-thread: 16\n")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.connect(("127.0.0.1", self.port))
                for i in range(16 * 16 + 100):
                    s.send(make_query(f"n{i}.drop.listed.example").to_wire())
            wait_for(lambda: self.ask("after.safe.example"))
            results = all_at_once(self.ask, [("shared.safe.example", )] * 5)
            self.assertEqual([answer.addresses() for answer in results], [["192.0.2.1"]] * 5)

    def test_drops_on_streams(self):
        """Two connections that ask by turns for the same, and are refused; those that come after get their own answers."""
        self.feeds = [feed for feed in self.feeds if feed["name"] == "drop"]
        self.start(ZONE + "alias.safe.example CNAME x.drop.listed.example.\n")
        with contextlib.ExitStack() as stack:
            c, d = (stack.enter_context(socket.create_connection(("127.0.0.1", self.port), 5)) for _ in range(2))
            for connection, qid in ((c, 1), (d, 2), (c, 3)):
                dns.query.send_tcp(connection, make_query("alias.safe.example", qid=qid))
            self.assertEqual(sorted(read_answer(c).qid for _ in range(2)), [1, 3])
            self.assertEqual((read_answer(d).rcode, ), ("REFUSED", ))
            fresh = [stack.enter_context(socket.create_connection(("127.0.0.1", self.port), 5)) for _ in range(6)]
            for i, connection in enumerate(fresh):
                dns.query.send_tcp(connection, make_query(f"n{i}.safe.example", qid=i))
            for i, connection in enumerate(fresh):
                answer = read_answer(connection)
                self.assertEqual((answer.qid, answer.qname), (i, f"n{i}.safe.example"))

    def test_error_beside_a_long_redirect(self):
        """What the target has comes after the error was added: it must still fit."""
        self.settings["categories"] = f"\n  - name: redirect\n    action: redirect\n    redirect: many.safe.example\n    text: {'x' * 200}"
        self.feeds = [feed for feed in self.feeds if feed["name"] == "redirect"]
        self.start(ZONE + "".join(f"many.safe.example A 192.0.2.{i}\n" for i in range(10, 33)))
        answer = self.ask("a.redirect.listed.example", size=512)
        self.assertEqual((answer.tc, len(answer.addresses())), (False, 23))

    def test_targets_are_a_setting_of_the_feed(self):
        self.feeds[0]["targets"] = "no"
        self.start(ZONE + "alias.safe.example CNAME nxdomain.listed.example.\n")
        self.assertEqual(self.assert_passes("alias.safe.example").addresses(), ["192.0.2.1"])
        self.assert_blocked("nxdomain.listed.example")

    def test_redirect_in_trouble(self):
        """A target that is listed itself, that redirects, that does not exist, that nobody answers for."""
        def redirect_to(target, zone=""):
            self.settings["categories"] = f"\n  - name: redirect\n    action: redirect\n    redirect: {target}"
            self.feeds = [feed for feed in self.feeds if feed["name"] == "redirect"]
            unbound = self.start(ZONE + zone)
            unbound.expect_end = True
            return unbound
        unbound = redirect_to("www.redirect.listed.example")
        self.assertEqual(self.ask("a.redirect.listed.example").addresses(), ["192.0.2.1"])
        self.assertEqual(self.ask("www.redirect.listed.example").addresses(), ["192.0.2.1"])
        self.assertEqual(self.ask("a.redirect.listed.example").addresses(), ["192.0.2.1"])
        self.assertEqual(unbound.stop(), 0)
        unbound = redirect_to("hop.safe.example", "hop.safe.example CNAME garden.safe.example.\n")
        answer = self.ask("a.redirect.listed.example")
        self.assertEqual([(r.name, r.type) for r in answer.answer], [
            ("a.redirect.listed.example", "CNAME"), ("hop.safe.example", "CNAME"), ("garden.safe.example", "A")])
        self.assertEqual(answer.addresses(), ["192.0.2.99"])
        self.assertEqual(unbound.stop(), 0)
        unbound = redirect_to("gone.nothing.example", "nothing.example TXT x\nx.nothing.example A 192.0.2.5\n")
        answer = self.ask("a.redirect.listed.example")
        self.assertEqual((answer.rcode, len(answer.answer)), ("NXDOMAIN", 1))
        self.assertEqual(unbound.stop(), 0)
        unbound = redirect_to("loop.safe.example", "loop.safe.example CNAME a.redirect.listed.example.\n")
        self.assertIsNotNone(self.ask("a.redirect.listed.example"))
        # Many at once, of the same and of different names, wait for the same target.
        with Load(self.port, [f"n{i % 7}.redirect.listed.example" for i in range(100)], 0) as load:
            time.sleep(1)
        self.assertEqual(load.lost, 0)
        self.assertEqual(unbound.stop(), 0)

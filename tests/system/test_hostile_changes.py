"""One feed never stops the others, and never the operator: feeds whose names go, or change too much."""
from hostile import *


class HostileChanges(HostileLab):
    def zone(self, data, listed):
        return "$TTL 60\n@ SOA . . 1 1 1 1 1\n NS .\n" + "".join(f"{name} {data}\n" for name in listed)

    def test_entries_stay_and_rules_go(self):
        """As many entries as before, of which one takes the place of all others, or which are exceptions, or all the same."""
        old = names("h", 3000)
        block = lambda listed: [f"||{name}^" for name in listed]
        for kind, form, before, after, alarm in (
                ("folded", "domains", lines(old), lines(["one.example"], [f"h{i}.one.example" for i in range(2999)]), "shrink"),
                ("excepted", "adblock", lines(block(old)), lines(["||x.example^"], ["@@" + rule for rule in block(old)]), "shrink"),
                ("doubled", "domains", lines(old), lines(["one.example", "two.example"] * 1500), "shrink"),
                ("passed through", "rpz", self.zone("CNAME .", old), self.zone("CNAME rpz-passthru.", old), "shrink"),
                ("others", "domains", lines(old), lines(names("other", 3000)), "churn")):
            with self.subTest(kind):
                self.tearDown()
                self.setUp()
                first = self.begin([before], [form], scope="subtree") if form == "domains" else self.begin([before], [form])
                published = {rule for rule in first if rule[1].startswith("h")}
                for after_that in (after, None, None):
                    said = self.turn(after_that)
                    self.assertRegex(said, "feed bad0: ALARM: .*if that is right: feedsync sync --accept bad0; "
                                           "what is published of it stays")
                    self.assertLessEqual(published, self.dump())
                    self.assertEqual(self.alarms(), {"bad0": alarm})
                # Who says that it is right is believed, once.
                self.assertIn("feed bad0: accepted", self.feedsync("-c", self.config, "sync", "--accept", "bad0", code=0).stderr)
                self.assertFalse(published & self.dump())
                self.assertEqual(self.alarms(), {})
                self.turn(None, code=0)

    def test_what_is_below_does_not_stand_for_a_name(self):
        """As many rules, for all that is below the names, and not for these."""
        old = names("h", 3000)
        self.begin([self.zone("CNAME .", old)], ["rpz"])
        below = self.zone("CNAME .", [f"*.{name}" for name in old])
        blocked = lambda: [line.split("\t")[1] for line in self.feedsync("lookup", self.table, "h7.example", "x.h7.example").stdout.splitlines()]
        self.turn(below)
        self.assertEqual((self.alarms(), blocked()), ({"bad0": "churn"}, ["block", "pass"]))
        self.feedsync("-c", self.config, "sync", "--accept", "bad0", code=0)
        self.assertEqual(blocked(), ["pass", "block"])
        self.turn(self.zone("CNAME .", [name for one in old for name in (one, f"*.{one}")]), code=0)  # both are more, not other ones
        self.assertEqual(blocked(), ["block", "block"])

    def test_it_heals(self):
        self.begin([lines(names("h", 3000))])
        self.turn(lines(names("other", 3000)))
        self.assertEqual(self.alarms(), {"bad0": "churn"})
        said = self.turn(lines(names("h", 2900)), code=0)
        self.assertNotIn("ALARM", said)
        self.assertEqual(self.alarms(), {})
        self.assertNotIn(("exact", "h2999.example"), self.dump())

    def test_many_at_once(self):
        """Each of them too small, or allowed, to raise an alarm of its own."""
        size = 900
        self.begin([lines(names(f"h{n}x", size)) for n in range(6)], good=names("good", 1000))
        said = self.turn(*[lines(names(f"one{n}", 1)) for n in range(6)])
        blamed = set(re.findall(r"feed (bad\d): ALARM: the table would hold \d+ rules", said))
        self.assertTrue(blamed and blamed == set(self.alarms()), said)
        kept = {name for _, name in self.dump()}
        self.assertGreater(len(kept), 3200)
        for n in range(6):
            self.assertEqual(f"h{n}x7.example" in kept, f"bad{n}" in blamed)

    def test_climbing(self):
        """From a small list to most of the table, and away."""
        count = 900
        self.begin([lines(names("h", count))], good=names("good", 20000))
        while count < 60000:
            count = int(count * 2.99)
            self.turn(lines(names("h", count)), code=0)
        self.turn(lines(names("h", 10), names("y", count - 10)))
        self.assertEqual(self.alarms(), {"bad0": "churn"})
        self.assertIn(("exact", f"h{count - 1}.example"), self.dump())

    def test_a_list_of_exceptions_gone_mad(self):
        """It frees what others list: it is to blame, not they."""
        self.begin([lines(["fine.example"])], category="ours", scope="subtree",
                   settings={"categories": "\n  - name: ours\n    action: allow"}, good=[f"{name}.good.example" for name in "abc"] +
                   [f"g{i}.zone.example" for i in range(2000)])
        said = self.turn(lines(["fine.example", "zone.example"]))
        self.assertRegex(said, r"feed bad0: ALARM: it would allow 2000 of the 200\d names that are blocked \(max-shrink 50\)")
        self.assertEqual(self.alarms(), {"bad0": "shrink"})
        self.assertIn(("subtree", "fine.example"), self.dump())

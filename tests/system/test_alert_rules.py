"""conf/monitoring/weir.rules.yml, by promtool: each alert fires when it should, not before, and alone. No daemon runs."""
import collections, json, os, re, subprocess, tempfile, unittest

TOP = os.path.join(os.path.dirname(__file__), "../..")
RULES = os.path.abspath(os.path.join(TOP, "conf/monitoring/weir.rules.yml"))
HERE = 'instance="r1"'


def counter(per_minute, minutes, more=""):
    return f"0+{per_minute}x{minutes} {more}"


# A machine on which all is well, for `minutes`.
def well(minutes):
    blocked = f'weir_blocked_total{{{HERE},resolver="1",by="name"}}'
    return {
        f'up{{{HERE},job="weir"}}': f"1x{minutes}",
        f"weir_bypass{{{HERE}}}": f"0x{minutes}",
        f"weir_hold{{{HERE}}}": f"0x{minutes}",
        f"weir_resolvers{{{HERE}}}": f"1x{minutes}",
        f"weir_config_last_reload_successful{{{HERE}}}": f"1x{minutes}",
        f"weir_last_run_timestamp_seconds{{{HERE}}}": counter(60, minutes),
        f'weir_condition{{{HERE},condition="table_none",impact="unprotected"}}': f"0x{minutes}",
        f'weir_condition{{{HERE},condition="feed_failing",impact="degraded"}}': f"0x{minutes}",
        f'weir_condition{{{HERE},condition="run_failed",impact="degraded"}}': f"0x{minutes}",
        f'weir_condition{{{HERE},condition="clock_doubted",impact="unknown"}}': f"0x{minutes}",
        f'weir_feed_well{{{HERE},feed="f"}}': f"1x{minutes}",
        f'weir_feed_well{{{HERE},feed="new"}}': f"1x{minutes}",
        f'weir_resolver_active{{{HERE},resolver="1"}}': f"1x{minutes}",
        f'weir_resolver_behind{{{HERE},resolver="1"}}': f"0x{minutes}",
        f'weir_resolver_tables_refused_total{{{HERE},resolver="1"}}': f"0x{minutes}",
        f'weir_answers_failed_total{{{HERE},resolver="1"}}': f"0x{minutes}",
        f'weir_fleet_resolvers{{{HERE},channel="c",state="unprotected"}}': f"0x{minutes}",
        f"weir_fleet_well{{{HERE}}}": f"1x{minutes}",
        f'weir_channel_halted{{{HERE},channel="c"}}': f"0x{minutes}",
        f'weir_feed_last_success_timestamp_seconds{{{HERE},feed="f"}}': counter(60, minutes),
        f'weir_feed_alarm{{{HERE},feed="f",reason="shrink"}}': f"0x{minutes}",
        f'weir_feed_withheld{{{HERE},feed="f",reason="shrink"}}': f"0x{minutes}",
        f'weir_feed_entries{{{HERE},feed="f"}}': f"50000x{minutes}",
        f"weir_unbound_outdated{{{HERE},installed=\"1.17.1-2+deb12u4+weir1\"}}": f"0x{minutes}",
        f'node_textfile_mtime_seconds{{{HERE},file="/var/lib/prometheus/node-exporter/weir.prom"}}': counter(60, minutes),
        blocked: counter(60, minutes),
    }


# Alert: a series of the machine, what becomes of it, when the alert does not fire yet and when it does (in minutes), and labels.
DAY = 1440
CASES = [
    ("WeirFeedsyncDown", 'up{', "1x9 0x60", 13, 16, {"job": "weir"}),
    ("WeirFeedsyncDown", "node_textfile", counter(60, 9, "540x60"), 17, 22, {"file": "/var/lib/prometheus/node-exporter/weir.prom"}),
    ("WeirNoResolver", "weir_resolvers", "1x9 0x60", 11, 13, {}),
    ("WeirResolverPassesAll", "weir_resolver_active", "1x9 0x60", 10, 12, {"resolver": "1"}),
    ("WeirUnprotected", "table_none", "0x9 1x60", 14, 16, {"condition": "table_none", "impact": "unprotected"}),
    ("WeirDegraded", "run_failed", "0x9 1x90", 69, 71, {"condition": "run_failed", "impact": "degraded"}),
    ("WeirDegraded", "clock_doubted", "0x9 1x90", 69, 71, {"condition": "clock_doubted", "impact": "unknown"}),
    ("WeirFeedNever", 'weir_feed_well{instance="r1",feed="new"', "0x90", 59, 61, {"feed": "new"}),
    ("WeirBypassed", "weir_bypass", "0x9 1x60", 14, 16, {}),
    ("WeirFleetUnprotected", "weir_fleet_resolvers", "0x9 1x60", 11, 13, {"channel": "c", "state": "unprotected"}),
    ("WeirChannelHalted", "weir_channel_halted", "0x9 1x60", 10, 12, {"channel": "c"}),
    ("WeirFleetNotWell", "weir_fleet_well", "1x9 0x60", 24, 26, {}),
    ("WeirAnswersFailed", "weir_answers_failed", "0x9 1x60", 9, 11, {"resolver": "1"}),
    ("WeirResolverBehind", "weir_resolver_behind", "0x9 1x60", 14, 16, {"resolver": "1"}),
    ("WeirTableRefused", "weir_resolver_tables_refused", "0x9 1x60", 9, 11, {"resolver": "1"}),
    ("WeirTableStale", "weir_last_run", "0x90", 60, 63, {}),
    ("WeirHeld", "weir_hold", "0x9 1x90", 69, 71, {}),
    ("WeirConfigBroken", "weir_config", "1x9 0x60", 19, 21, {}),
    ("WeirFeedStale", "weir_feed_last_success", f"0x{DAY + 60}", DAY, DAY + 12, {"feed": "f"}),
    ("WeirFeedAlarm", "weir_feed_alarm", "0x9 1x60", 10, 12, {"feed": "f", "reason": "shrink"}),
    ("WeirFeedAlarm", "weir_feed_withheld", "0x9 1x60", 10, 12, {"feed": "f", "reason": "shrink"}),
    ("WeirUnboundOutdated", "weir_unbound", f"0x9 1x{DAY + 60}", DAY + 8, DAY + 16, {"installed": "1.17.1-2+deb12u4+weir1"}),
    # a day of one a second, then ten a second; a tenth of that is left of it, and less
    ("WeirBlockedSurge", "weir_blocked", f"0+60x{DAY + 60} {60 * (DAY + 60)}+600x60", DAY + 68, DAY + 82, {}),
    ("WeirBlockedCollapse", "weir_blocked", f"0+60x{DAY + 60} {60 * (DAY + 60)}+3x60", DAY + 78, DAY + 82, {}),
    ("WeirFeedShrinking", "weir_feed_entries", f"50000x{7 * DAY // 5 + 12} 34000x60", 7 * DAY + 120, 7 * DAY + 160, {"feed": "f"}),
]
# What is no alert: series, what becomes of it, and when.
QUIET = [
    ("nothing happens", "weir_hold", f"0x{DAY + 90}", DAY + 80),
    ("a resolver restarts", "weir_resolver_active", "1x9 _x3 1x60", 60),
    ("counters begin anew", "weir_blocked", "0+60x30 0+60x60", 60),
    ("a condition with an alert of its own", "feed_failing", "0x9 1x90", 90),
    ("a run fails and the next one does not", "run_failed", "0x9 1x50 0x9 1x50", 110),
    ("a feed that has been fetched fails", 'weir_feed_well{instance="r1",feed="f"', "1x9 0x90", 90),
    ("a feed of few names shrinks", "weir_feed_entries", f"900x{7 * DAY // 5} 10x60", 7 * DAY + 200),
    ("few are blocked, and then more", "weir_blocked", f"0+0x{DAY + 60} 0+10x60", DAY + 100),
]


def pace(minutes):
    """A long time is looked at less often, or it takes long."""
    return "1m" if minutes < 200 else "5m" if minutes < 2 * DAY else "30m"


class AlertRules(unittest.TestCase):
    def setUp(self):
        with open(RULES) as f:
            self.text = f.read()
        self.alerts = re.findall(r"- alert: (\w+)", self.text)

    def expected(self, alert, labels, severities):
        return [{"exp_labels": {"severity": severities[alert], "instance": "r1", **labels}}]

    def series(self, start, values, minutes):
        """A machine that is well but for one series. A longer time has a sample each five minutes."""
        samples = minutes if minutes < 2 * DAY else minutes // 5
        series = well(samples)
        changed = [name for name in series if start in name]
        self.assertEqual(len(changed), 1, start)
        if minutes >= 2 * DAY:
            series = {name: re.sub(r"^0\+60x", "0+300x", value) for name, value in series.items()}
        series[changed[0]] = values
        return [{"series": name, "values": value} for name, value in series.items()]

    def test_promtool_understands_them(self):
        said = subprocess.run(["promtool", "check", "rules", RULES], capture_output=True, text=True)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)
        self.assertIn(f"{len(self.alerts) + 1} rules found", said.stdout)

    def test_each_has_a_case_and_a_page(self):
        self.assertEqual(sorted({case[0] for case in CASES}), sorted(self.alerts))
        with open(os.path.join(TOP, "docs/runbook.md")) as f:
            page = f.read()
        headings = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", page, re.M)}
        links = re.findall(r'runbook: "docs/runbook.md#([\w-]+)"', self.text)
        self.assertEqual(len(links), len(self.alerts))
        self.assertLessEqual(set(links), headings)
        self.assertEqual([alert for alert in self.alerts if f"| `{alert}` |" not in page], [])

    def test_conditions_are_those_of_status(self):
        """What the rules leave out is a condition, and an alert of its own or a comment says why."""
        with open(os.path.join(TOP, "feedsync/status/conditions.h")) as f:
            known = re.findall(r'X\(\w+, "(\w+)"', f.read())
        left_out = re.findall(r'condition!~"([^"]+)"', self.text)
        self.assertEqual(len(left_out), 2)
        for pattern in left_out:
            for words in re.findall(r"(\w+?_)?\(([^)]+)\)|([^|()]+)", pattern):
                for word in (words[1] or words[2]).split("|"):
                    self.assertIn(words[0] + word, known)
        self.assertGreater(len([key for key in known if not re.fullmatch(left_out[1], key)]), 30)

    def test_each_fires_when_it_should_and_alone(self):
        severities = dict(re.findall(r"- alert: (\w+)\n(?:.*\n)*?\s+labels: \{severity: (\w+)\}", self.text))
        tests = collections.defaultdict(list)  # by how often the rules are evaluated
        for alert, start, values, before, after, labels in CASES:
            tests[pace(after)].append({
                "interval": "1m" if after < 2 * DAY else "5m", "input_series": self.series(start, values, after + 5),
                "alert_rule_test": [{"eval_time": f"{when}m", "alertname": name,
                                     "exp_alerts": self.expected(alert, labels, severities) if name == alert and when == after else []}
                                    for when in (before, after) for name in self.alerts]})
        for _, start, values, when in QUIET:
            tests[pace(when)].append({
                "interval": "1m" if when < 2 * DAY else "5m", "input_series": self.series(start, values, when + 5),
                "alert_rule_test": [{"eval_time": f"{when}m", "alertname": name, "exp_alerts": []} for name in self.alerts]})
        with tempfile.TemporaryDirectory() as directory:
            # Alerts are compared without their annotations: the rules are read as they are shipped, but for those.
            bare = os.path.join(directory, "rules.yml")
            with open(bare, "w") as f:
                f.write(re.sub(r"^ +annotations:\n(?: +(?:summary|runbook): .*\n)+", "", self.text, flags=re.M))
            for number, (interval, some) in enumerate(tests.items()):
                path = os.path.join(directory, f"test{number}.yml")
                with open(path, "w") as f:
                    json.dump({"rule_files": [bare], "evaluation_interval": interval, "tests": some}, f)
                said = subprocess.run(["promtool", "test", "rules", path], capture_output=True, text=True)
                self.assertEqual(said.returncode, 0, (said.stdout + said.stderr)[:6000])


class UnboundOutdated(unittest.TestCase):
    """conf/monitoring/unbound-outdated, with an apt-cache that says what the case wants."""
    REBUILT = "1.17.1-2+deb12u4+weir1"
    CASES = [
        ("nothing newer", REBUILT, [REBUILT, "1.17.1-2+deb12u4", "1.17.1-2+deb12u3"], "0"),
        ("a security fix", REBUILT, ["1.17.1-2+deb12u5", REBUILT, "1.17.1-2+deb12u4"], "1"),
        ("a newer rebuilt one", REBUILT, [REBUILT.replace("weir1", "weir2"), REBUILT], "1"),
        ("backports, which are not taken by themselves", REBUILT, [("1.22.0-2~bpo12+1", 100), REBUILT, "1.17.1-2+deb12u4"], "0"),
        ("a security fix beside them", REBUILT, [("1.22.0-2~bpo12+1", 100), "1.17.1-2+deb12u5", REBUILT], "1"),
        ("Debian's own", "1.17.1-2+deb12u4", ["1.17.1-2+deb12u4"], "0"),
        ("none", "(none)", ["1.17.1-2+deb12u4"], None),
    ]

    def test_cases(self):
        for name, installed, versions, value in self.CASES:
            with self.subTest(name), tempfile.TemporaryDirectory() as directory:
                versions = [v if isinstance(v, tuple) else (v, 500) for v in versions]
                table = "".join(f" {'***' if v == installed else '   '} {v} 990\n        {archive} http://deb.example bookworm/main amd64 Packages\n" +
                                "        100 /var/lib/dpkg/status\n" * (v == installed) for v, archive in versions)
                with open(os.path.join(directory, "apt-cache"), "w") as f:
                    f.write(f"#!/bin/sh\ncat <<'END'\nunbound:\n  Installed: {installed}\n  Candidate: {versions[0][0]}\n  Version table:\n{table}END\n")
                os.chmod(f.name, 0o755)
                said = subprocess.run([os.path.join(os.path.dirname(RULES), "unbound-outdated")], capture_output=True, text=True,
                                      env={**os.environ, "PATH": directory + ":" + os.environ["PATH"]})
                self.assertEqual(said.returncode, 0 if value else 1, said.stderr)
                self.assertEqual(re.findall(r'^weir_unbound_outdated\{installed="(.*)"\} (\d)$', said.stdout, re.M),
                                 [(installed, value)] if value else [])
                checked = subprocess.run(["promtool", "check", "metrics"], input=said.stdout, capture_output=True, text=True)
                self.assertEqual(checked.returncode, 0, checked.stderr)

#!/usr/bin/python3
"""The same work in other resolvers: what a list of names, each with all below it, costs them. Writes peers.json.

  tests/bench/peers.py [--quick] [--systems NAME,...]        (environment: common.py; run.sh sets it)

Each system, as Debian 12 packages it, with one thread, forwards to an authoritative server of everything. Per system and size of
the list: seconds from its start to the first blocked answer; resident memory, and what of that a name costs (against a list of
one name); microseconds of processor time per query for allowed names answered from its cache and for listed ones, the least of
three runs; then the list is replaced by one with one name more: seconds until that is blocked, the longest time between two
answers to a client that asks every 10 ms, how many questions had no answer, and the most memory meanwhile. What fails or takes
too long is reported with its reason and left out."""
import os, signal, subprocess, sys, time

from common import *
from peer_conf import recursor, rpz

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from asker import Asker
from lab import MODULE, UNBOUND, Lab, Process, ask, free_port

START_S, RELOAD_S = 120, 90  # what is slower is left out
NEW_NAME = "newly-listed.example"  # what a replaced list has more


class Peers(Lab):
    """A function per system, named as it is: takes the list, writes files, and returns the command that starts the system on
    self.port, a function that writes the files of another list, and one that makes a running process take that (None: only a
    new start does)."""

    def write_rpz(self, names, serial=1):
        self.write("list.rpz.new", rpz(names, serial))
        os.rename(self.path("list.rpz.new"), self.path("list.rpz"))

    def unbound_command(self, modules, more, binary):
        options = f'''  num-threads: 1
  msg-cache-size: 128m
  rrset-cache-size: 256m
remote-control:
  control-enable: yes
  control-use-cert: no
  control-interface: "{self.path("control.sock")}"
'''
        return [binary, "-d", "-c", self.unbound_conf("unbound.conf", self.port, self.upstream, modules, options, more=more)]

    def control(self, *words):
        """What tells a running unbound something."""
        return lambda process: self.tell("unbound-control", "-c", self.path("unbound.conf"), *words)

    def tell(self, *command):
        subprocess.run(command, capture_output=True, timeout=RELOAD_S, check=True)

    def weir(self, names):
        def write(some):
            write_names(self.path("list"), some)
            compile_table(self.path("list"), self.table + ".new")

        def take(process):
            os.rename(self.table + ".new", self.table)
        write(names)
        take(None)
        return self.unbound_command("dynlib iterator", f'dynlib:\n  dynlib-file: "{MODULE}"\n', UNBOUND), write, take

    def unbound_rpz(self, names):
        self.write_rpz(names)
        more = f'rpz:\n  name: "rpz.local"\n  zonefile: "{self.path("list.rpz")}"\n'
        return self.unbound_command("respip iterator", more, "unbound"), self.write_rpz, self.control("auth_zone_reload", "rpz.local")

    def unbound_local_zone(self, names):
        def write(some):
            self.write("list.zones", "server:\n" + "".join(f'local-zone: "{name}." always_nxdomain\n' for name in some))
        write(names)
        command = self.unbound_command("iterator", f'include: "{self.path("list.zones")}"\n', "unbound")
        return command, write, self.control("reload")

    def bind_rpz(self, names):
        self.write_rpz(names)
        conf = self.write("named.conf", f'''options {{ directory "{self.directory}"; listen-on port {self.port} {{ 127.0.0.1; }};
listen-on-v6 {{ none; }}; forwarders {{ 127.0.0.1 port {self.upstream}; }}; forward only; dnssec-validation no; recursion yes;
pid-file "{self.path("named.pid")}"; allow-query {{ any; }}; max-cache-size 512m; session-keyfile none;
response-policy {{ zone "rpz.local" min-update-interval 1; }} qname-wait-recurse no; }}; controls {{ }};
zone "rpz.local" {{ type primary; file "{self.path("list.rpz")}"; allow-query {{ none; }}; }};''')
        return (["named", "-f", "-n", "1", "-c", conf], lambda some: self.write_rpz(some, serial=2),
                lambda process: process.popen.send_signal(signal.SIGHUP))

    def powerdns_rpz(self, names):
        self.write_rpz(names)
        os.makedirs(self.path("pdns"), exist_ok=True)
        lua = self.write("pdns/rpz.lua", f'rpzFile("{self.path("list.rpz")}", {{policyName="rpz.local", '
                         f'zoneSizeHint={len(names)}}})\n')
        self.write("pdns/recursor.conf", recursor(self.port, self.upstream, self.path("pdns"), "max-packetcache-entries=500000",
                                                  f"lua-config-file={lua}"))
        return (["pdns_recursor", "--config-dir=" + self.path("pdns"), "--daemon=no"], self.write_rpz,
                lambda process: self.tell("rec_control", f"--timeout={RELOAD_S}", "--socket-dir=" + self.path("pdns"),
                                          "reload-lua-config"))

    def knot_resolver_rpz(self, names):
        self.write_rpz(names)
        os.makedirs(self.path("kresd"), exist_ok=True)
        conf = self.write("kresd/kresd.conf", f'''net.listen('127.0.0.1', {self.port}, {{kind='dns'}})
modules.unload('ta_update')
modules.unload('ta_signal_query')
trust_anchors.remove('.')
cache.open(512*MB)
policy.add(policy.rpz(policy.DENY, '{self.path("list.rpz")}', false))
policy.add(policy.all(policy.FORWARD({{'127.0.0.1@{self.upstream}'}})))
''')
        return ["kresd", "-n", "-c", conf, self.path("kresd")], None, None

    def dnsdist(self, names):
        write_names(self.path("list"), names)
        conf = self.write("dnsdist.conf", f'''setLocal("127.0.0.1:{self.port}")
newServer({{address="127.0.0.1:{self.upstream}",healthCheckMode="up"}})
setSecurityPollSuffix("")
getPool(""):setCache(newPacketCache(500000,{{maxTTL=86400}}))
local list=newSuffixMatchNode()
for line in io.lines("{self.path("list")}") do list:add(newDNSName(line)) end
addAction(SuffixMatchNodeRule(list,true), RCodeAction(DNSRCode.NXDOMAIN))
''')
        return ["dnsdist", "--supervised", "-C", conf], None, None

    # ---- the measurements ----

    def wait_blocked(self, process, name, seconds):
        """Returns the seconds until a name is blocked."""
        start = time.monotonic()
        while not (lambda answer: answer and answer.rcode == "NXDOMAIN")(ask(self.port, name, timeout=.3)):
            if not process.alive() or time.monotonic() - start > seconds:
                raise RuntimeError(f"{name} not blocked after {time.monotonic() - start:.0f} s: {process.log()[-300:]}")
            time.sleep(.01)
        return time.monotonic() - start

    def queries(self, process, queries, passes):
        dnsperf(self.port, queries, "-n", 1, clients=4, outstanding=60)
        least = None
        for _ in range(3):
            before = cpu_seconds(process.pid)
            done, _ = dnsperf(self.port, queries, "-n", passes, clients=4, outstanding=60)
            took = (cpu_seconds(process.pid) - before) / max(done, 1) * 1e6
            least = took if least is None else min(least, took)
        return least

    def reload(self, process, names, write, take, allowed):
        write(names + [NEW_NAME])
        forget_peak(process.pid)
        with Asker(self.port, allowed) as asker:
            time.sleep(.5)
            start = time.monotonic()
            take(process)
            self.wait_blocked(process, NEW_NAME, RELOAD_S)
            took = time.monotonic() - start
            time.sleep(1)
        return dict(reload_s=took, reload_peak_octets=memory(process.pid, "VmHWM"), **asker.result())

    def measure(self, system, names, queries, passes):
        self.port = free_port()
        command, write, take = getattr(self, system)(names)
        process = Process(self, system, command, self.environment())
        row = dict(start_s=self.wait_blocked(process, names[0], START_S))
        time.sleep(.5)
        row["memory_octets"] = memory(process.pid)
        for kind, path in queries.items():
            row[kind + "_us"] = self.queries(process, path, passes)
        if take:
            try:
                row.update(self.reload(process, names, write, take, read_names(queries["allowed"], 1000)))
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                row["reload_error"] = str(error)
        return row


SYSTEMS = ["weir", "unbound_rpz", "unbound_local_zone", "bind_rpz", "powerdns_rpz", "knot_resolver_rpz", "dnsdist"]


def one(system, count, names, queries, passes):
    lab = Peers("one_row")
    lab.setUp()
    try:
        lab.upstream = lab.internet("* A 192.0.2.1\n")
        return dict(system=system, names=count, **lab.measure(system, names, queries, passes))
    except Exception as error:
        return dict(system=system, names=count, error=str(error))
    finally:
        try:
            lab.tearDown()
        except AssertionError:
            pass  # how a peer ends is not ours to judge


Peers.one_row = lambda self: None


def main():
    quick = "--quick" in sys.argv
    systems = sys.argv[sys.argv.index("--systems") + 1].split(",") if "--systems" in sys.argv else SYSTEMS
    sizes = [1, 10000] if quick else [1, 10000, 100000, MILLION]
    largest = MILLION if quick else 10 * MILLION
    result, empty = Result("peers"), {}
    result.data["systems"] = []
    allowed = dnsperf_file(allowed_file(100000, largest), 20000)
    for count in sizes + ([] if quick else [10 * MILLION]):
        names = read_names(names_file(max(count, 10000)), count)
        queries = dict(allowed=allowed, listed=dnsperf_file(listed_queries(count))) if count > 1 else dict(allowed=allowed)
        for system in systems if count <= MILLION else ["weir"]:
            row = one(system, count, names, queries, 1 if quick else 6)
            if count == 1:
                empty[system] = row.get("memory_octets")
            elif empty.get(system) and "memory_octets" in row:
                row["memory_per_name"] = (row["memory_octets"] - empty[system]) / count
            result.add("systems", row)


main()

"""A laboratory for system tests: real daemons on loopback, each on a port of its own, gone when the test ends.

The Internet is one NSD that serves a root zone written by the test. Everything is started from the directories named in
the environment by tests/run.sh:
  WEIR_BIN      built binaries (feedsync, weir.so, table-bench)
  WEIR_UNBOUND  an unbound that loads modules, built from the tree that weir.so was built for
  WEIR_SHARED   real data, or unset where there is none"""
import concurrent.futures, contextlib, http.server, json, os, random, re, shutil, signal, socket, struct, subprocess, tempfile, threading, time, unittest

BIN = os.environ["WEIR_BIN"]
UNBOUND = os.environ["WEIR_UNBOUND"]
SHARED = os.environ.get("WEIR_SHARED")
FEEDSYNC = os.path.join(BIN, "feedsync")
MODULE = os.path.join(BIN, "weir.so")
SANITIZED = os.path.basename(os.path.dirname(BIN)) in ("asan", "tsan")
HERE = os.path.dirname(os.path.abspath(__file__))
os.environ["LSAN_OPTIONS"] = f"suppressions={HERE}/lsan.supp:print_suppressions=0"
os.environ["TSAN_OPTIONS"] = f"suppressions={HERE}/tsan.supp:print_suppressions=0:second_deadlock_stack=1"

# Where a resolver asks: an upstream that resolves for it, or one that is the server of the root.
FORWARD = 'forward-zone:\n  name: "."\n  forward-addr: UPSTREAM'
RECURSE = 'stub-zone:\n  name: "."\n  stub-addr: UPSTREAM'

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "DS": 43, "SVCB": 64, "HTTPS": 65,
         "ANY": 255}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


def free_port():
    """A port that is free for UDP and TCP on loopback now. From a range that the system gives nobody by itself, and in which
    the resolvers here ask no questions: it will be free in a moment, too."""
    while True:
        port = random.randrange(20000, 32000)
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, \
                socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            udp.bind(("127.0.0.1", port))
            tcp.bind(("127.0.0.1", port))
            return port


def listening(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def wait_for(condition, seconds=10, step=0.02):
    """Waits until condition() is true. Returns its value, or fails the test."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not true after {seconds} s: {condition}")
        time.sleep(step)


def all_at_once(function, arguments):
    """Calls function(*a) for each of the arguments in a thread of its own. Returns the results in order."""
    with concurrent.futures.ThreadPoolExecutor(len(arguments)) as pool:
        return list(pool.map(lambda a: function(*a), arguments))


# ---- a DNS client ----

def wire_name(name):
    return b"".join(bytes([len(label)]) + label.encode("latin-1") for label in name.rstrip(".").split(".") if label) + b"\0"


def make_query(name, qtype="A", edns=True, do=False, cd=False, rd=True, qid=None, qclass=1):
    flags = (0x0100 if rd else 0) | (0x0010 if cd else 0)
    number = TYPES.get(qtype, qtype)
    packet = struct.pack(">HHHHHH", random.randrange(65536) if qid is None else qid, flags, 1, 0, 0, 1 if edns else 0)
    packet += wire_name(name) + struct.pack(">HH", number, qclass)
    if edns:
        packet += b"\0" + struct.pack(">HHIH", 41, 1232, 0x8000 if do else 0, 0)
    return packet


def read_name(packet, at):
    labels, end = [], None
    while True:
        length = packet[at]
        if length == 0:
            return ".".join(labels) or ".", at + 1 if end is None else end
        if length >= 0xC0:
            end = at + 2 if end is None else end
            at = struct.unpack(">H", packet[at:at + 2])[0] & 0x3FFF
            continue
        labels.append(packet[at + 1:at + 1 + length].decode("latin-1"))
        at += 1 + length


class Answer:
    """A parsed response."""

    def __init__(self, packet):
        self.packet = packet
        self.qid, self.flags, _, an, ns, ar = struct.unpack(">HHHHHH", packet[:12])
        self.rcode = RCODES.get(self.flags & 15, self.flags & 15)
        self.aa, self.tc, self.ra, self.ad = (bool(self.flags & bit) for bit in (0x0400, 0x0200, 0x0080, 0x0020))
        self.qname, at = read_name(packet, 12)
        at += 4
        self.answer, at = self.section(at, an)
        self.authority, at = self.section(at, ns)
        additional, at = self.section(at, ar)
        self.ede, self.edns = [], False
        for name, number, ttl, data, start in additional:
            if number == "OPT":
                self.edns = True
                while data:
                    code, length = struct.unpack(">HH", data[:4])
                    if code == 15:
                        self.ede.append((struct.unpack(">H", data[4:6])[0], data[6:4 + length].decode()))
                    data = data[4 + length:]
        self.soa = next(((name, ttl, struct.unpack(">IIIII", data[-20:])) for name, number, ttl, data, start
                         in self.authority if number == "SOA"), None)

    def section(self, at, count):
        records = []
        for _ in range(count):
            name, at = read_name(self.packet, at)
            number, _, ttl, length = struct.unpack(">HHIH", self.packet[at:at + 10])
            at += 10
            records.append((name, "OPT" if number == 41 else TYPE_NAMES.get(number, number), ttl,
                            self.packet[at:at + length], at))
            at += length
        return records, at

    def addresses(self):
        return sorted(socket.inet_ntoa(data) for _, number, _, data, _ in self.answer if number == "A")

    def blocked(self):
        """Whether this is the module's NXDOMAIN: Unbound's own carries another SOA."""
        return self.rcode == "NXDOMAIN" and self.soa is not None and b"\x06nobody\x07invalid\0" in self.packet

    def __repr__(self):
        return f"<{self.qname} {self.rcode} {self.answer} {self.authority} ede={self.ede}>"


def ask(port, name, qtype="A", tcp=False, timeout=5, source="127.0.0.1", **options):
    """Asks once, as a client with this address. Returns the answer, or None when none came."""
    packet = make_query(name, qtype, **options)
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as s:
        s.settimeout(timeout)
        try:
            s.bind((source, 0))
            s.connect(("127.0.0.1", port))
            if not tcp:
                s.send(packet)
                while True:
                    data = s.recv(65535)
                    if data[:2] == packet[:2]:
                        return Answer(data)
            s.sendall(struct.pack(">H", len(packet)) + packet)
            data = b""
            while len(data) < 2 or len(data) < 2 + struct.unpack(">H", data[:2])[0]:
                more = s.recv(65535)
                if not more:
                    return None
                data += more
            return Answer(data[2:])
        except OSError:
            return None


# ---- daemons ----

class Process:
    """A daemon in the foreground, its output in a file."""

    def __init__(self, lab, name, command, env=None):
        self.name, self.log_path = name, lab.path(f"{name}-{len(lab.processes)}.log")
        self.output = open(self.log_path, "wb")
        self.popen = subprocess.Popen(command, stdout=self.output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                      cwd=lab.directory, env={**os.environ, **(env or {})})
        self.pid = self.popen.pid
        lab.processes.append(self)

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def alive(self):
        return self.popen.poll() is None

    def rss_kb(self):
        with open(f"/proc/{self.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def stop(self, timeout=60):
        """Ends it and returns its exit code. The signal is sent again and again: Unbound forgets one that comes in the moment
        in which it begins to reload (7 of 250 tries, without any module)."""
        end = time.monotonic() + timeout
        while self.alive() and time.monotonic() < end:
            self.popen.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(2)
        if self.alive():
            self.popen.kill()
            self.popen.wait()
        self.output.close()
        return self.popen.returncode


class OddServer:
    """An authoritative server of everything that does what a real one with a zone file does not. It tells one step of a chain
    of aliases at a time, as those do that each have a part of it; answers after a delay, which is time for others to ask for the
    same; and may say that its answer is for the asker's subnet only (EDNS option 8, RFC 7871). Names that are no alias have the
    address 192.0.2.1 and nothing else."""

    def __init__(self, aliases={}, delay=0, subnets=False):
        self.aliases, self.delay, self.subnets, self.asked = aliases, delay, subnets, []

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()
        return self

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                packet, client = self.socket.recvfrom(4096)
                if self.delay:
                    threading.Timer(self.delay, self.answer, (packet, client)).start()
                else:
                    self.answer(packet, client)

    def answer(self, packet, client):
        name, end = read_name(packet, 12)
        self.asked.append(name.lower())
        target = self.aliases.get(name.lower())
        kind, data = (5, wire_name(target)) if target else (1, bytes([192, 0, 2, 1]))
        exists = target or packet[end:end + 2] == b"\0\1"
        record = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 3600, len(data)) + data if exists else b""
        additional = self.subnet_option(packet[end + 4:]) if self.subnets else b""
        header = packet[:2] + struct.pack(">HHHHH", 0x8400, 1, bool(record), 0, bool(additional))
        with contextlib.suppress(OSError):
            self.socket.sendto(header + packet[12:end + 4] + record + additional, client)

    def subnet_option(self, opt):
        """The OPT record that answers one with a subnet in it: the whole of that subnet is what the answer is for."""
        data = opt[11:]
        while data:
            code, length = struct.unpack(">HH", data[:4])
            if code == 8:
                option = data[:6] + data[6:7] + data[6:7] + data[8:4 + length]
                return b"\0" + struct.pack(">HHIH", 41, 1232, 0, len(option)) + option
            data = data[4 + length:]
        return b""

    def __exit__(self, *_):
        self.socket.close()


class Lab(unittest.TestCase):
    """A test case with a directory and daemons of its own."""

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="weir-test-")
        self.processes = []
        self.run_directory = self.path("run")
        os.mkdir(self.run_directory)
        self.table = self.path("current.weir")

    def tearDown(self):
        complaints = []
        for process in reversed(self.processes):
            was_alive = process.alive()
            code = process.stop()
            # nginx and NSD are not ours to judge; an unbound must have lived until now and end well.
            if process.name == "unbound" and (not was_alive or code != 0) and not getattr(process, "expect_end", False):
                complaints.append(f"unbound {'ended early' if not was_alive else 'ended'} with {code}:\n{process.log()[-6000:]}")
            report = re.search(r"(ERROR|WARNING|SUMMARY): \w+Sanitizer|runtime error:", process.log())
            if report:
                complaints.append(f"{process.name}:\n{process.log()[max(0, report.start() - 2000):][:14000]}")
        if complaints or self.failed():
            for process in self.processes:
                print(f"---- {process.name} {process.pid}\n{process.log()[-4000:]}", flush=True)
        shutil.rmtree(self.directory, ignore_errors=True)
        if complaints:
            self.fail("\n".join(complaints))

    def failed(self):
        result = self._outcome.result
        return any(test is self for test, _ in result.failures + result.errors)

    def path(self, *parts):
        return os.path.join(self.directory, *parts)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        return path

    def internet(self, zone="* A 192.0.2.1\n* AAAA 2001:db8::1\n"):
        """Starts the authoritative server of a root zone with these records. Returns its port."""
        port = free_port()
        self.write("root.zone", "$ORIGIN .\n$TTL 3600\n@ SOA ns. root. 1 3600 600 86400 60\n@ NS ns.\nns. A 127.0.0.1\n" + zone)
        conf = self.write("nsd.conf", f'''server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  username: ""
  database: ""
  zonesdir: "{self.directory}"
  pidfile: "{self.path("nsd.pid")}"
  xfrdfile: "{self.path("xfrd.state")}"
  zonelistfile: "{self.path("zone.list")}"
  rrl-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: root.zone
''')
        self.nsd = Process(self, "nsd", [shutil.which("nsd") or "/usr/sbin/nsd", "-d", "-c", conf])
        wait_for(lambda: ask(port, "probe.example", rd=False, timeout=1))
        return port

    def unbound(self, upstream, modules="dynlib iterator", options="", threads=2, binary=UNBOUND, module=MODULE,
                table=None, wait=True, env=None, control=False, upstream_zone=None):
        """Starts a resolver with the module. Sets self.port; returns the process. It forwards to the upstream, or asks it
        step by step as a server of `upstream_zone` (a stub- or forward-zone's lines)."""
        self.port = free_port()
        control_part = "control-enable: no"
        if control:
            self.control_socket = self.path("control.sock")
            control_part = f'control-enable: yes\n  control-use-cert: no\n  control-interface: "{self.control_socket}"'
        self.conf = self.write("unbound.conf", f'''server:
  interface: 127.0.0.1@{self.port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{self.directory}"
  pidfile: ""
  use-syslog: no
  num-threads: {threads}
  module-config: "{modules}"
  do-not-query-localhost: no
  outgoing-port-avoid: 20000-32000
  so-rcvbuf: 1m
  msg-cache-size: 64m
  rrset-cache-size: 64m
{options}
remote-control:
  {control_part}
{upstream_zone or FORWARD}
'''.replace("UPSTREAM", f"127.0.0.1@{upstream}") + (f'dynlib:\n  dynlib-file: "{module}"\n' if "dynlib" in modules else ""))
        process = Process(self, "unbound", [binary, "-d", "-c", self.conf],
                          {"WEIR_TABLE": table or self.table, "WEIR_RUN": self.run_directory, **(env or {})})
        if wait:
            wait_for(lambda: ask(self.port, "probe.example", timeout=1) or not process.alive(), 30)
            self.assertTrue(process.alive(), process.log())
        return process

    def unbound_control(self, *words, stdin=None):
        control = os.path.join(os.path.dirname(UNBOUND), "unbound-control")
        return subprocess.run([control, "-c", self.conf, *words], capture_output=True, text=True, input=stdin, timeout=120)

    def nginx(self, server):
        """Starts nginx with these lines inside its server block. Returns the process; reload with SIGHUP."""
        os.makedirs(self.path("nginx"), exist_ok=True)
        # Started by root, nginx would serve as a user who may not read this directory.
        user = "user root;" if os.geteuid() == 0 else ""
        conf = self.write("nginx.conf", f'''daemon off;
{user}
worker_processes 1;
pid {self.path("nginx.pid")};
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
  access_log {self.path("access.log")};
  client_body_temp_path {self.path("nginx/body")};
  proxy_temp_path {self.path("nginx/proxy")};
  fastcgi_temp_path {self.path("nginx/fastcgi")};
  uwsgi_temp_path {self.path("nginx/uwsgi")};
  scgi_temp_path {self.path("nginx/scgi")};
  types {{ application/json json; text/plain txt; }}
  server {{
    {server}
  }}
}}
''')
        return Process(self, "nginx", [shutil.which("nginx") or "/usr/sbin/nginx", "-p", self.directory, "-c", conf])

    # ---- feedsync ----

    def feedsync(self, *words, code=None, stdin=None, **options):
        result = subprocess.run([FEEDSYNC, *map(str, words)], capture_output=True, text=True, input=stdin, timeout=600, **options)
        if code is not None:
            self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.assertNotRegex(result.stderr, r"Sanitizer|runtime error:")
        return result

    def compile(self, names, scope="subtree", output=None):
        """Puts a table with these rules in force, as an operator would: by rename."""
        path = self.write("list.txt", "".join(name + "\n" for name in names))
        self.feedsync("compile", "-f", "domains", "--scope", scope, "-o", output or self.table, path, code=0)

    def counters(self):
        """The resolvers' part of `feedsync status --json`."""
        conf = self.write("status.yaml", f"state: {self.path('state')}\ntable: {self.table}\nrun: {self.run_directory}\n"
                          "feeds:\n  - name: none\n    url: file:///nowhere\n    format: domains\n")
        return json.loads(self.feedsync("-c", conf, "status", "--json").stdout)["resolvers"]

    def ask(self, name, qtype="A", **options):
        return ask(self.port, name, qtype, **options)

    def assert_blocked(self, name, qtype="A", **options):
        answer = self.ask(name, qtype, **options)
        self.assertIsNotNone(answer, f"{name}: no answer")
        self.assertTrue(answer.blocked(), answer)
        return answer

    def assert_passes(self, name, qtype="A", **options):
        answer = self.ask(name, qtype, **options)
        self.assertIsNotNone(answer, f"{name}: no answer")
        self.assertEqual(answer.rcode, "NOERROR", answer)
        return answer


class Load:
    """Questions at a steady pace from a thread of its own: counts those without an answer and the longest silence."""

    def __init__(self, port, names, interval=0.001):
        self.port, self.names, self.interval = port, names, interval
        self.sent = self.lost = 0
        self.longest = 0.0
        self.answers = []
        self.stopping = False

    def run(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(5)
            s.connect(("127.0.0.1", self.port))
            while not self.stopping:
                name = self.names[self.sent % len(self.names)]
                packet = make_query(name, qid=self.sent % 65536)
                start = time.monotonic()
                s.send(packet)
                self.sent += 1
                try:
                    while s.recv(4096)[:2] != packet[:2]:
                        pass
                except OSError:
                    self.lost += 1
                self.longest = max(self.longest, time.monotonic() - start)
                time.sleep(self.interval)

    def __enter__(self):
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.thread.join()


class WebServer:
    """A real HTTP server on loopback, of what Python has, with a request handler of the test's."""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def needs_shared(test):
    """Marks a test that reads the real data."""
    return unittest.skipUnless(SHARED and os.path.isdir(SHARED), "real data (../shared) is not here")(test)

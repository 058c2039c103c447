#!/usr/bin/python3
"""A fleet of simulated resolvers behind real site caches: how soon the last one enforces a new table, and what that costs. By hand:

    WEIR_BIN=$PWD/build/release/bin WEIR_UNBOUND=.../build/unbound tests/fleet/simulate.py [--names 1100000] [--resolvers 2000]
        [--sites 4] [--store directory|ceph] [--only SCENARIO]

Real are the tables, the manifests and the deltas, by feedsync; the origin, nginx over a directory or Ceph's gateway; the site caches,
nginx by conf/fleet/site-cache.conf, but without TLS; each request and each octet. What it takes to apply and to verify is measured once,
of a real puller, and each simulated resolver then waits that long. A simulated resolver does what a puller does (feedsync/fleet/pull.h): it looks at `latest`
each 15 s, a quarter more or less, and at `wake` each 2 s; judges the manifest by its own clock; waits for its time in the window; prefers a
delta; compares SHA-256; and tries again after 30 s. All are on one machine, so they share its processors with the caches.

One in twenty has a clock that is a day wrong, half of these ahead. One in twenty is slow: 2 Mbit/s, and twice as long to apply.

Prints a row for each scenario: seconds from the moment in which `latest` is written until half, 99 % and all resolvers enforce the table; octets that
resolvers and caches received, beside those of the polls; and requests that came to the origin, by object."""
import argparse, asyncio, collections, email.utils, gc, hashlib, json, os, random, re, resource, shutil, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "system"), os.path.join(HERE, "..", "bench")]
from fleet_lab import *
from names import names as listed_names
from object_stores import Ceph

POLL_S, WAKE_S, RETRY_S, CLOCK_S = 15, 2, 30, 300
WINDOW_S = {"delta": 10, "table": 120}
SLOW_OCTETS_S, SLOW_TIMES = 250000, 2
QUIET_S = 20  # a fleet polls for so long before something is new
MOST_S = 300  # a scenario ends after so long, whoever lacks the table then


def body_of(manifest):
    return json.loads(manifest.split(b"\n", 4)[4])


def delta_of(manifest, table):
    """The delta from a table that a puller would take, or None."""
    return next((d for d in manifest["deltas"] if d["from"] == table and d["size"] < manifest["table"]["zsize"]), None)


class Prepared(PullLab):
    """A compiler that has published a table, and then others with part of the names replaced; and what a real puller needs for them."""

    def runTest(self):
        pass

    def prepare(self, count, churns):
        """Sets manifests: {churn: octets}, with those of the first table under 0; and costs: seconds of a real puller."""
        self.key = self.make_key("ours")
        every = list(listed_names("listed", int(count * (1 + max(churns)))))
        self.manifests, self.costs, self.publish_s = {}, {}, {}
        self.compiler = self.write("compiler.yaml", f"state: {self.path('compiler')}\ntable: {self.path('compiled.weir')}\nrun: none\n"
                                   f"feeds:\n  - name: l\n    url: file://{self.path('list')}\n    format: domains\n"
                                   f"distribute:\n  - name: stable\n    to: {self.path('www/stable')}\n    sign-key-file: {self.path('ours.sec')}\n")
        self.pull_from(f"file://{self.path('www/stable')}/")
        for churn in [0, *churns]:
            changed = int(count * churn)
            self.write("list", "".join(name + "\n" for name in [*every[changed:count], *every[count:count + changed]]))
            begin = time.monotonic()
            self.feedsync("-c", self.compiler, "sync", code=0)
            self.publish_s[churn] = time.monotonic() - begin
            self.manifests[churn] = read(self.path("www/stable/latest"))
            if churn == 0:
                self.costs["table"] = self.measured_pull()
                shutil.copytree(self.state, self.path("state0"))
                shutil.copyfile(self.table, self.path("table0"))
            else:
                shutil.rmtree(self.state)
                shutil.copytree(self.path("state0"), self.state)
                shutil.copyfile(self.path("table0"), self.table)
                self.costs[churn] = self.measured_pull()

    def measured_pull(self):
        begin = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.pull()
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        return end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime


class Origin:
    """What the caches ask: a directory behind nginx, or a bucket. `show` puts a manifest in the place of `latest`."""

    def __init__(self, lab, store):
        self.lab, self.store = lab, Ceph(lab) if store == "ceph" else None
        if self.store:
            self.store.start()
            self.port, self.prefix = self.store.port, "/weir"
            for directory, _, files in os.walk(lab.path("www/stable")):
                for name in files:
                    self.put(os.path.relpath(os.path.join(directory, name), lab.path("www")))
        else:
            self.port, self.prefix = free_port(), ""
            self.start()

    def put(self, name):
        status, said = self.store.request("PUT", "/" + name, octets=read(self.lab.path("www", name)))
        assert status == 200, said

    def start(self):
        if self.store:
            self.store.start_front()
        else:
            self.process = self.lab.start_nginx("origin", f"access_log off; server {{ listen 127.0.0.1:{self.port}; root {self.lab.path('www')}; }}", 1024)
            wait_for(lambda: listening(self.port))

    def kill(self):
        process = self.store.front if self.store else self.process
        process.popen.kill()
        process.popen.wait()

    def show(self, manifest, wake=None):
        self.lab.clock = getattr(self.lab, "clock", int(time.time()) - 100000) + 1
        for name, octets in (("latest", manifest), *([("wake", b"%012d\n" % wake)] if wake is not None else [])):
            path = self.lab.path("www/stable", name)
            with open(path + ".new", "wb") as f:
                f.write(octets)
            os.utime(path + ".new", (self.lab.clock, self.lab.clock))
            os.replace(path + ".new", path)
            if self.store:
                self.put("stable/" + name)


class Site:
    """A cache, and how the origin was asked through it."""

    def __init__(self, lab, number, origin):
        self.lab, self.directory, self.port, self.seen = lab, lab.path(f"site{number}"), free_port(), 0
        text = site_cache({"server 192.0.2.10:443": f"server 127.0.0.1:{origin.port}", "weir.isp.example": "localhost",
                           "listen 443 ssl": f"listen 127.0.0.1:{self.port}", "https://weir_origin": f"http://weir_origin{origin.prefix}",
                           "/var/cache/nginx": self.directory, "/var/log/nginx": self.directory})
        text = re.sub(r"^\s*(proxy_)?ssl_.*;\n", "", text, flags=re.M)
        self.process = lab.start_nginx(f"site{number}", text, 8192)
        wait_for(lambda: listening(self.port))

    def counted(self):
        """Since the last call: requests that went to the origin, by object; and the octets of those that brought one."""
        with open(os.path.join(self.directory, "weir-cache.log")) as f:
            lines = f.read().splitlines()
        asked, octets = collections.Counter(), 0
        for line in lines[self.seen:]:
            _, _, _, uri, status, length, how = line.split()
            if how in ("MISS", "EXPIRED", "REVALIDATED", "STALE"):
                asked[uri.removeprefix("/stable/")] += 1
                octets += int(length) if how == "MISS" and status == "200" else 0
        self.seen = len(lines)
        return asked, octets


class Resolver:
    def __init__(self, fleet, number):
        self.fleet, self.random = fleet, random.Random(number)
        self.site = fleet.sites[number % len(fleet.sites)]
        self.slow = number % 20 == 7
        self.clock = {3: -86400, 23: 86400}.get(number % 40, 0)
        self.etag, self.enforced, self.fetching = "", None, False
        self.serial, self.table = fleet.old["serial"], fleet.old["table"]["sha256"]

    async def connect(self):
        return await asyncio.open_connection("127.0.0.1", self.site.port, limit=1 << 18)

    async def get(self, connection, name, **headers):
        """(status, headers, octets)."""
        reader, writer = connection
        lines = [f"GET /stable/{name} HTTP/1.1", "Host: localhost", *(f"{key.replace('_', '-')}: {value}" for key, value in headers.items())]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        told = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in head[1:] if line}
        left, pieces, begin, had = int(told.get("content-length", 0)), [], time.monotonic(), 0
        while left > 0:
            piece = await reader.read(min(left, 16384 if self.slow else 1 << 18))
            if not piece:
                raise ConnectionError("cut off")
            left, had = left - len(piece), had + len(piece)
            pieces.append(piece)
            if self.slow:
                await asyncio.sleep(begin + had / SLOW_OCTETS_S - time.monotonic())
        return int(head[0].split()[1]), told, b"".join(pieces)

    async def poll(self):
        await asyncio.sleep(self.random.uniform(0, POLL_S))
        while True:
            await self.look()
            await asyncio.sleep(self.random.uniform(0.75 * POLL_S, 1.25 * POLL_S))

    async def wait_for_wake(self):
        """Over a connection that stays open."""
        connection, pause = None, self.random.uniform(0, WAKE_S)
        while True:
            await asyncio.sleep(pause)
            pause = WAKE_S
            try:
                connection = connection or await self.connect()
                status, _, octets = await self.get(connection, "wake")
                if status != 200:
                    pause = POLL_S
                elif int(octets) > self.serial:
                    await self.look(int(octets))
            except (OSError, asyncio.IncompleteReadError, ValueError):
                connection, pause = None, POLL_S

    async def look(self, woken=0):
        """One pull: all over one connection."""
        connection = None
        try:
            connection = await self.connect()
            status, told, octets = await self.get(connection, "latest", **({"If_None_Match": self.etag} if self.etag else {}))
            if woken and (status == 304 or body_of(octets)["serial"] < woken):  # the cache has an older one still
                status, told, octets = await self.get(connection, f"manifests/{woken:012}")
            if status == 200:
                await self.take(connection, body_of(octets), told)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            self.fleet.failed["look"] += 1
        finally:
            if connection:
                connection[1].close()

    def believes(self, manifest, told):
        """By its own clock, and that of the server; as feedsync/fleet/pull_judge.c."""
        now = time.time() + self.clock
        served = email.utils.parsedate_to_datetime(told["date"]).timestamp()
        return manifest["created"] <= max(now, served) + CLOCK_S and manifest["expires"] > now

    async def take(self, connection, manifest, told):
        if manifest["serial"] <= self.serial:
            self.etag = told.get("etag", "")
        elif not self.believes(manifest, told):
            self.fleet.failed["refused by its clock"] += 1
        elif not self.fetching:
            self.fetching = True
            if manifest["urgent"] and await self.fetch(connection, manifest):
                return
            self.fleet.tasks.append(asyncio.create_task(self.fetch_later(manifest)))

    async def fetch_later(self, manifest):
        """A puller looks on while it waits for its time."""
        pause = self.random.uniform(0, WINDOW_S["delta" if delta_of(manifest, self.table) else "table"])
        while True:
            await asyncio.sleep(RETRY_S if manifest["urgent"] else pause)
            with contextlib.suppress(OSError):
                connection = await self.connect()
                done = await self.fetch(connection, manifest)
                connection[1].close()
                if done:
                    return
            pause = RETRY_S

    async def fetch(self, connection, manifest):
        """Returns whether the table is in force."""
        table, delta = manifest["table"], delta_of(manifest, self.table)
        name = f"deltas/{self.table[:16]}-{table['sha256'][:16]}.zst" if delta else f"tables/{table['sha256']}.weir.zst"
        try:
            status, _, octets = await self.get(connection, name)
        except (OSError, asyncio.IncompleteReadError):
            status, octets = 0, b""
        self.fleet.octets += len(octets)
        if status != 200 or hashlib.sha256(octets).hexdigest() != (delta["sha256"] if delta else table["zsha256"]):
            self.fleet.failed["object"] += 1
            return False
        await asyncio.sleep(self.fleet.cost * (SLOW_TIMES if self.slow else 1))
        self.serial, self.table, self.enforced = manifest["serial"], table["sha256"], time.monotonic()
        self.fleet.enforcing += 1
        return True


class Fleet:
    def __init__(self, lab, sites, origin, count):
        self.lab, self.sites, self.origin, self.count = lab, sites, origin, count

    async def run(self, churn, urgent, dies):
        self.old, self.cost = body_of(self.lab.manifests[0]), self.lab.costs[churn]
        self.octets, self.enforcing, self.failed, self.late = 0, 0, collections.Counter(), 0
        resolvers = [Resolver(self, number) for number in range(self.count)]
        self.tasks = [asyncio.create_task(way()) for r in resolvers for way in (r.poll, r.wait_for_wake)]
        await asyncio.sleep(QUIET_S)
        gc.freeze()  # what is there stays, and need not be looked at again and again
        for site in self.sites:
            site.counted()
        self.failed.clear()
        manifest = self.lab.signed(churn, urgent)
        begin = time.monotonic()
        self.origin.show(manifest, body_of(manifest)["serial"] if urgent else None)
        while self.enforcing < self.count and time.monotonic() < begin + MOST_S:
            if dies and self.enforcing >= self.count / 2:
                self.origin.kill()
                dies, self.failed["origin killed after s"] = False, round(time.monotonic() - begin, 1)
            before = time.monotonic()
            await asyncio.sleep(0.05)
            self.late = max(self.late, time.monotonic() - before - 0.05)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        return self.report(sorted(r.enforced - begin for r in resolvers if r.enforced), [site.counted() for site in self.sites],
                           {"wrong clocks, max": [r.enforced - begin for r in resolvers if r.enforced and r.clock],
                            "not slow, max": [r.enforced - begin for r in resolvers if r.enforced and not r.slow]})

    def report(self, times, asked, groups):
        requests, most = collections.Counter(), 0
        for counts, _ in asked:
            for name, count in counts.items():
                kind = name.split("/")[0]
                requests[kind] += count
                most = max(most, count) if "/" in name else most
        at = lambda share: round(times[min(len(times) - 1, int(share * self.count))], 1) if len(times) > share * self.count else None
        return {"enforcing": len(times), "p50": at(0.5), "p99": at(0.99), "max": round(times[-1], 1) if times else None,
                **{group: round(max(some), 1) if some else None for group, some in groups.items()}, "MB to resolvers": round(self.octets / 1e6, 1),
                "MB from the origin": round(sum(octets for _, octets in asked) / 1e6, 1), "requests at the origin": dict(requests),
                "of an object, at most, by a site": most, "this program was late by": round(self.late, 2), **self.failed}


class Bench(Prepared):
    def signed(self, churn, urgent):
        """The manifest of a table as the compiler has signed it, urgent or not, of a serial above all before."""
        self.serial = max(self.serial, 1000) + 1
        now = int(time.time())
        body = {**body_of(self.manifests[churn]), "serial": self.serial, "urgent": urgent, "created": now, "expires": now + 2 * DAY}
        manifest = self.sign_manifest(body)
        self.put(f"stable/manifests/{self.serial:012}", manifest)
        if self.origin.store:
            self.origin.put(f"stable/manifests/{self.serial:012}")
        return manifest


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--names", type=int, default=1100000)
    parser.add_argument("--resolvers", type=int, default=2000)
    parser.add_argument("--sites", type=int, default=4)
    parser.add_argument("--store", choices=("directory", "ceph"), default="directory")
    parser.add_argument("--only")
    arguments = parser.parse_args()
    most_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    scenarios = {"1 %": (0.01, False, False), "0.1 %": (0.001, False, False), "0.1 %, urgent": (0.001, True, False),
                 "1 %, the origin dies half way": (0.01, False, True)}
    lab = Bench()
    lab.setUp()
    lab.origin = None
    try:
        lab.prepare(arguments.names, sorted({churn for churn, _, _ in scenarios.values()}))
        lab.origin = origin = Origin(lab, arguments.store)
        old = body_of(lab.manifests[0])["table"]["sha256"]
        print(json.dumps({"table MB": round(body_of(lab.manifests[0])["table"]["size"] / 1e6, 1),
                          "whole, packed MB": round(body_of(lab.manifests[0])["table"]["zsize"] / 1e6, 1),
                          "deltas MB": {churn: round(delta_of(body_of(m), old)["size"] / 1e6, 2) for churn, m in lab.manifests.items() if churn},
                          "publish s": {churn: round(s, 1) for churn, s in lab.publish_s.items()},
                          "pull, CPU s": {churn: round(s, 2) for churn, s in lab.costs.items()}}), flush=True)
        for name, (churn, urgent, dies) in scenarios.items():
            if arguments.only and arguments.only != name:
                continue
            origin.show(lab.manifests[0], 0)
            sites = [Site(lab, number, origin) for number in range(arguments.sites)]
            result = asyncio.run(Fleet(lab, sites, origin, arguments.resolvers).run(churn, urgent, dies))
            print(json.dumps({"scenario": name, **result}), flush=True)
            for site in sites:
                site.process.stop()
                shutil.rmtree(site.directory)
            if dies:
                origin.start()
    finally:
        if lab.origin and lab.origin.store:
            lab.origin.store.kill()
        lab._outcome = None
        lab.tearDown()


main()

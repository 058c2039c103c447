"""What the benchmarks share: lists, tables and queries, made once and kept; and where results go.

The environment, as run.sh sets it:
  WEIR_BIN         built binaries
  WEIR_UNBOUND     an unbound that loads modules (for those that start one)
  WEIR_BENCH       where lists and tables are kept
  WEIR_RESULTS     where the results go"""
import datetime, itertools, json, os, platform, random, re, subprocess, sys, time

import names as made

BIN = os.environ["WEIR_BIN"]
FEEDSYNC = os.path.join(BIN, "feedsync")
KEEP = os.environ["WEIR_BENCH"]
RESULTS = os.environ["WEIR_RESULTS"]
MILLION = 1000000
REAL = made.real_count("listed")
ALL_REAL = REAL or 1109721  # the size that the targets speak of


def kept(name, write):
    """The path of a file in the directory of kept files; write(path) makes it where it is not there yet."""
    path = os.path.join(KEEP, name)
    if not os.path.exists(path):
        os.makedirs(KEEP, exist_ok=True)
        write(path + ".new")
        os.rename(path + ".new", path)
    return path


def write_names(path, some):
    with open(path, "w") as f:
        f.writelines(name + "\n" for name in some)


def read_names(path, count=None):
    with open(path) as f:
        return [line.split()[0] for line in itertools.islice(f, count)]


def names_file(count):
    return kept(f"listed-{count}.txt", lambda path: write_names(path, made.names("listed", count)))


# Runs a command and prints what it used. In a process of its own, for a child's peak of memory is never less than what its
# parent had when it began.
RUN = """import json, os, subprocess, sys, time
start = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdout=2)
_, status, used = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps(dict(seconds=time.monotonic() - start, cpu_s=used.ru_utime + used.ru_stime, peak_octets=used.ru_maxrss * 1024)))
sys.exit(process.returncode)"""


def run_measured(*command):
    """Runs a command. Returns its seconds, seconds of the processor, octets of memory at most; ends the program if it fails."""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", RUN, *command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)


def compile_table(listed, table, scope="subtree"):
    return run_measured(FEEDSYNC, "compile", "-f", "domains", "--scope", scope, "-o", table, listed)


def table_file(count):
    return kept(f"listed-{count}.weir", lambda path: compile_table(names_file(count), path))


def passing(table, some):
    """Those names that the table lets pass."""
    out = subprocess.run([FEEDSYNC, "lookup", table], input="\n".join(some) + "\n", capture_output=True, text=True).stdout
    return [line.split("\t", 1)[0] for line in out.splitlines() if "\tpass\t" in line]


def allowed_file(count, largest):
    """So many different popular names that no list up to this size blocks; a few less where they are few."""
    def write(path):
        some = dict.fromkeys(made.names("popular", count + count // 2))
        write_names(path, passing(table_file(largest), some)[:count])
    return kept(f"allowed-{count}-{largest}.txt", write)


def listed_queries(size, count=20000):
    """Names of the list of this size, in random order."""
    def write(path):
        some = read_names(names_file(size))
        write_names(path, random.Random(5).sample(some, min(count, len(some))))
    return kept(f"queries-{size}-{count}.txt", write)


def dnsperf_file(path, count=None):
    """The names of a file as dnsperf wants them."""
    def write(to):
        with open(to, "w") as f:
            f.writelines(f"{name} A\n" for name in read_names(path, count))
    return kept(f"{os.path.basename(path)}-{count}.dnsperf", write)


def cpu_seconds(pid):
    """What all threads of a process have run, to the nanosecond."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat") as f:
            total += int(f.read().split()[0])
    return total / 1e9


def memory(pid, what="VmRSS"):
    """Octets: VmRSS, or VmHWM, the most since the start or since forget_peak."""
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(what + r":\s+(\d+)", f.read()).group(1)) * 1024


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w") as f:
        f.write("5")


def dnsperf(port, queries, *options, clients=8, outstanding=100, timeout=3):
    """Runs dnsperf. Returns how many queries were answered and how many lost."""
    out = subprocess.run(["dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", queries, *map(str, options), "-c", str(clients),
                          "-q", str(outstanding), "-t", str(timeout)], capture_output=True, text=True, check=True).stdout
    return [int(re.search(what + r":\s+(\d+)", out).group(1)) for what in ("Queries completed", "Queries lost")]


def machine():
    with open("/proc/cpuinfo") as f:
        model = re.search(r"model name\s*: (.*)", f.read()).group(1)
    return dict(processor=model, cores=os.cpu_count(), kernel=platform.release(),
                memory_gb=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30))


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


class Result:
    """A file of results, written anew whenever something is added: what is interrupted keeps what it has."""

    def __init__(self, name):
        os.makedirs(RESULTS, exist_ok=True)
        self.path = os.path.join(RESULTS, name + ".json")
        self.data = dict(date=datetime.date.today().isoformat(), machine=machine(), load_before=os.getloadavg()[0],
                         real_names=bool(REAL))

    def add(self, key, value):
        """Puts a value in, or appends it where there is a list. Shows it, too."""
        value = rounded(value)
        if isinstance(self.data.get(key), list):
            self.data[key].append(value)
        else:
            self.data[key] = value
        print(json.dumps({key: value}), flush=True)
        with open(self.path, "w") as f:
            json.dump(rounded(self.data), f, indent=1)
            f.write("\n")

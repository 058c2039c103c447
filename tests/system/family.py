"""A family filter: who asks, what for, and what they must be told.

75 of 100 clients are nobody special, 20 are families, 5 have opted out of everything. Of their questions 69 in 100 are for ordinary names,
30 for names that only the families are kept from, 1 is for malicious names, which only those who opted out may see. Within each
kind the n-th name is asked for 1/n times as often as the first (Zipf). Some answers have addresses, some say that there is nothing,
or no such name, and some are aliases."""
import itertools, random, select, signal, struct

from feeds import *

EVERYBODY, FAMILY, OPTED_OUT = "127.0.0.1", "127.0.2.1", "127.0.1.1"
CLIENTS = {EVERYBODY: 75, FAMILY: 20, OPTED_OUT: 5}  # of 100
ORDINARY, ADULT, MALICIOUS = "ordinary", "adult", "malicious"
KINDS = {ORDINARY: 69, ADULT: 30, MALICIOUS: 1}  # of 100 questions
BLOCKED = {EVERYBODY: {MALICIOUS}, FAMILY: {ADULT, MALICIOUS}, OPTED_OUT: set()}
TYPES = {"A": 6, "AAAA": 3, "HTTPS": 1}
TYPE_NUMBERS = {"A": 1, "AAAA": 28, "HTTPS": 65}

# Nothing has an IPv6 address. Under .nx and .alias a name does not exist, or is an alias.
ZONE = '''$ORIGIN .
$TTL 3600
@ SOA ns. root. 1 3600 600 86400 3600
@ NS ns.
ns. A 127.0.0.1
* A 192.0.2.1
* A 192.0.2.2
* HTTPS 1 . alpn=h2
nx A 192.0.2.1
*.alias CNAME edge.cdn.
edge.cdn A 192.0.2.3
'''


def spread(names):
    """The same names, one in twenty each under .nx and .alias."""
    return [name + (".nx" if i % 20 == 7 else ".alias" if i % 20 == 13 else "") for i, name in enumerate(names)]


class Mix:
    """The questions: as many as wanted, the same for the same seed."""

    def __init__(self, ordinary, adult, malicious):
        self.names = {ORDINARY: spread(ordinary), ADULT: spread(adult), MALICIOUS: malicious}
        self.weights = {kind: list(itertools.accumulate(1 / (i + 1) for i in range(len(names)))) for kind, names in self.names.items()}

    def of_kind(self, kind, count, draw):
        return draw.choices(self.names[kind], cum_weights=self.weights[kind], k=count)

    def questions(self, count, seed, kinds=KINDS):
        """Pairs of a name and a type."""
        draw = random.Random(seed)
        kinds = draw.choices(list(kinds), list(kinds.values()), k=count)
        names = {kind: iter(self.of_kind(kind, kinds.count(kind), draw)) for kind in set(kinds)}
        types = draw.choices(list(TYPES), list(TYPES.values()), k=count)
        return [(next(names[kind]), qtype) for kind, qtype in zip(kinds, types)]


# ---- clients ----

def wire(name, qtype):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return labels + struct.pack(">BHH", 0, TYPE_NUMBERS[qtype], 1) + b"\0\0\x29\x04\xd0\0\0\0\0\0\0"


def ask_all(port, questions, source, window=50):
    """Asks one after the other, with so many at a time. Returns the packets that came back, in the order of the questions. Who hears
    nothing for a second asks again."""
    answers, waiting, ahead = [None] * len(questions), {}, iter(range(len(questions)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind((source, 0))
        s.connect(("127.0.0.1", port))

        def send(i):
            waiting[i & 0xffff] = i
            s.send(struct.pack(">HHHHHH", i & 0xffff, 0x100, 1, 0, 0, 1) + wire(*questions[i]))
        while True:
            for i in itertools.islice(ahead, window - len(waiting)):
                send(i)
            if not waiting:
                return answers
            if not select.select([s], [], [], 1)[0]:
                for i in list(waiting.values()):
                    send(i)
                continue
            packet = s.recv(65535)
            i = waiting.pop(int.from_bytes(packet[:2], "big"), None)
            if i is not None:
                answers[i] = packet


def skip_name(packet, at):
    while packet[at]:
        if packet[at] >= 0xc0:
            return at + 2
        at += packet[at] + 1
    return at + 1


def without_times(packet):
    """The packet with the ID and all TTLs zero."""
    counts, at, octets = struct.unpack(">HHHH", packet[4:12]), 12, bytearray(packet)
    octets[:2] = bytes(2)
    for _ in range(counts[0]):
        at = skip_name(packet, at) + 4
    for _ in range(sum(counts[1:])):
        at = skip_name(packet, at)
        rtype, _, _, length = struct.unpack(">HHIH", packet[at:at + 10])
        if rtype != dns.rdatatype.OPT:
            octets[at + 4:at + 8] = bytes(4)
        at += 10 + length
    return bytes(octets)


def differing(questions, some, others):
    """The questions whose answers differ by more than ID and TTL, with both answers."""
    return [(question, a, b) for question, a, b in zip(questions, some, others) if without_times(a) != without_times(b)]


# ---- resolvers ----

class FamilyLab(FeedLab):
    def publish_family(self, malicious, adult):
        """A table in which the families are kept from the adult names, and all but those who opted out from the malicious ones."""
        feeds = self.local_feeds(malicious={"content": "\n".join(malicious) + "\n", "scope": "subtree"},
                                 adult={"content": "\n".join(adult) + "\n", "scope": "subtree", "category": ADULT})
        self.configure(feeds, categories="\n  - name: adult\n    action: nxdomain", groups='''
  - name: everybody
    clients: [127.0.0.0/8]
    categories:
      - name: adult
        action: allow
  - name: opted-out
    clients: [127.0.1.0/24]
    action: allow
  - name: family
    clients: [127.0.2.0/24]''')
        self.sync()

    def family_internet(self):
        self.write("root.zone", ZONE)
        return self.authority({".": "root.zone"})

    def upstream_queries(self):
        """How many questions the authoritative server has had."""
        def told():
            return re.findall(r"XSTATS .* RQ=(\d+)", self.nsd.log())
        before = len(told())
        self.nsd.popen.send_signal(signal.SIGUSR1)
        return int(wait_for(lambda: told()[before:])[-1])

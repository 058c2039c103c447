"""DNS for the tests, by dnspython: a client, and authoritative servers that do what real ones with a zone file do not."""
import contextlib, socket, threading, typing

import dns.edns, dns.exception, dns.flags, dns.message, dns.name, dns.query, dns.rcode, dns.rdata, dns.rdatatype, dns.rrset

MODULES_CONTACT = dns.name.from_text("nobody.invalid")  # stands in the SOA record of the module's answers


def make_query(name, qtype="A", edns=True, do=False, cd=False, rd=True, qid=None, size=1232):
    query = dns.message.make_query(name, qtype, use_edns=0 if edns else False, want_dnssec=do, payload=size if edns else None, id=qid)
    query.flags = (dns.flags.RD if rd else 0) | (dns.flags.CD if cd else 0)
    return query


def name_text(name):
    return name.to_text(omit_final_dot=True)


class Record(typing.NamedTuple):
    name: str
    type: str
    ttl: int
    data: dns.rdata.Rdata


class Answer:
    """A response, with what the tests look at in words and numbers. `size`: its octets over UDP."""

    def __init__(self, message, size=None):
        self.message, self.size, self.qid = message, size, message.id
        self.rcode = dns.rcode.to_text(message.rcode())
        self.aa, self.tc, self.ra, self.ad = (bool(message.flags & flag) for flag in
                                              (dns.flags.AA, dns.flags.TC, dns.flags.RA, dns.flags.AD))
        self.qname = name_text(message.question[0].name) if message.question else None
        self.answer, self.authority, self.additional = (
            [Record(name_text(rrset.name), dns.rdatatype.to_text(rrset.rdtype), rrset.ttl, data) for rrset in section for data in rrset]
            for section in (message.answer, message.authority, message.additional))
        self.edns = message.edns >= 0
        self.ede = [(int(option.code), option.text or "") for option in message.options if isinstance(option, dns.edns.EDEOption)]
        self.soa = next((record for record in self.authority if record.type == "SOA"), None)

    def addresses(self):
        return sorted(record.data.address for record in self.answer if record.type == "A")

    def records(self):
        """All of them as text: what leads where, and nothing of what was asked for."""
        return "\n".join(f"{record.name} {record.type} {record.data}" for record in self.answer + self.authority + self.additional)

    def is_modules(self):
        """Whether its SOA record is the module's: Unbound's own carries another."""
        return self.soa is not None and self.soa.data.rname == MODULES_CONTACT

    def blocked(self):
        return self.rcode == "NXDOMAIN" and self.is_modules()

    def __repr__(self):
        return str(self.message)


def read_answer(connection):
    """The next one on a TCP connection."""
    return Answer(dns.query.receive_tcp(connection, one_rr_per_rrset=True)[0])


def ask(port, name, qtype="A", tcp=False, timeout=20, source="127.0.0.1", **options):
    """Asks once, as a client with this address. Returns the answer, or None when none came."""
    query = make_query(name, qtype, **options)
    with contextlib.suppress(OSError, EOFError, dns.exception.Timeout):
        if tcp:
            return Answer(dns.query.tcp(query, "127.0.0.1", timeout, port, source=source, one_rr_per_rrset=True))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(timeout)
            s.bind((source, 0))
            s.connect(("127.0.0.1", port))
            s.send(query.to_wire())
            while True:
                packet = s.recv(65535)
                response = dns.message.from_wire(packet, one_rr_per_rrset=True)
                if query.is_response(response):
                    return Answer(response, len(packet))


def record(name, qtype, data, ttl=3600):
    """`data`: an address, or a target for types that have one."""
    data = {"A": data, "HTTPS": f"1 {data}.", "SVCB": f"1 {data}."}.get(qtype, f"{data}.")
    return dns.rrset.from_text(dns.name.from_text(name), ttl, "IN", qtype, data)


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
        query = dns.message.from_wire(packet)
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA
        response.use_edns(-1)
        [question] = query.question
        if self.fill(response, name_text(question.name), dns.rdatatype.to_text(question.rdtype)):
            if self.subnets:
                self.add_subnet(query, response)
            with contextlib.suppress(OSError):
                self.socket.sendto(response.to_wire(), client)

    def fill(self, response, name, qtype):
        """Puts the records into the response. Returns whether it is sent."""
        self.asked.append(name.lower())
        target = self.aliases.get(name.lower())
        if target:
            response.answer.append(record(name, "CNAME", target))
        elif qtype == "A":
            response.answer.append(record(name, "A", "192.0.2.1"))
        return True

    @staticmethod
    def add_subnet(query, response):
        """All of the subnet that is told is what the answer is for."""
        for option in query.options:
            if isinstance(option, dns.edns.ECSOption):
                whole = dns.edns.ECSOption(option.address, option.srclen, option.srclen)
                response.use_edns(0, payload=1232, options=[whole])

    def __exit__(self, *_):
        self.socket.close()


class ScriptServer(OddServer):
    """An authoritative server that answers what the test has written down: `script` holds, by name and type, lists of records
    for the answer and the additional section; None: it says nothing. What is not written down has the address 192.0.2.1 and
    nothing else. A SOA record stands with what has no record of the type that was asked for."""

    SOA = dns.rrset.from_text(dns.name.root, 3600, "IN", "SOA", ". . 1 2 3 4 3600")

    def __init__(self, script, delay=0):
        super().__init__(delay=delay)
        self.script = script

    def fill(self, response, name, qtype):
        self.asked.append((name.lower(), qtype))
        otherwise = [record(name, "A", "192.0.2.1")] if qtype == "A" else []
        written = self.script.get((name.lower(), qtype), (otherwise, []))
        if written is None:
            return False
        answers, additional = written
        response.answer.extend(answers)
        response.additional.extend(additional)
        if qtype not in [dns.rdatatype.to_text(rrset.rdtype) for rrset in answers]:
            response.authority.append(self.SOA)
        return True

"""What the rules say a feed must become, written without a line of feedsync: the yardstick of the tests."""
import glob, json, os, re


def normal(name):
    """A canonical name, or None for what may not be a rule."""
    name = name.strip().lower()
    name = name[:-1] if name.endswith(".") else name
    try:
        name = name.encode("idna").decode() if not name.isascii() else name
    except UnicodeError:
        return None
    labels = name.split(".")
    good = len(labels) >= 2 and len(name) <= 253 and all(re.fullmatch(r"[a-z0-9_-]{1,63}", label) for label in labels)
    return name if good and not labels[-1].isdigit() else None


def parents(name):
    labels = name.split(".")
    return [".".join(labels[i:]) for i in range(1, len(labels) - 1)]


def fold(rules):
    """Drops what a subtree rule above, or at the same name, says already. Rules are (scope, name)."""
    above = {name for scope, name in rules if scope == "subtree"}
    return {(scope, name) for scope, name in rules
            if not any(parent in above for parent in parents(name)) and not (scope == "exact" and name in above)}


class Suffixes:
    """publicsuffix.org's list."""

    def __init__(self, path="/usr/share/publicsuffix/public_suffix_list.dat"):
        with open(path, encoding="utf-8") as f:
            lines = [line.split()[0] for line in f if line.strip() and not line.startswith("//")]
        self.rules = set()
        for line in lines:
            mark = line[:1] if line[:1] == "!" else ""
            self.rules.add(mark + ".".join(label if label.isascii() else label.encode("idna").decode()
                                           for label in line.lstrip("!").split(".")))

    def has(self, name):
        return "!" + name not in self.rules and (name in self.rules or "*." + name.split(".", 1)[1] in self.rules)


# Relations of MISP objects that name who was attacked, a brand, or infrastructure: (object, relation), None = every one.
INNOCENT = {("victim", "domain"), ("ddos", "domain-dst"), ("whois", "nameserver"), ("email", "from-domain"),
            ("typosquatting-finder", "research-domain"), ("network-profile", "dns-server"), ("passive-dns", "bailiwick"),
            ("x509", "dns_names"), ("dkim", "d"), ("research-scanner", None), ("crowdsec-ip-context", "rdns"),
            ("greynoise-ip", "rdns"), *(("dns-record", kind + "-record") for kind in ("mx", "ns", "soa", "cname", "ptr"))}


def misp_feed(directory, suffixes=None):
    """The rules of a MISP feed directory, as (scope, name)."""
    rules = set()
    with open(os.path.join(directory, "manifest.json")) as f:
        listed = json.load(f)
    for path in glob.glob(os.path.join(directory, "*-*.json")):
        if os.path.basename(path)[:-5] not in listed:
            continue
        with open(path, encoding="utf-8") as f:
            event = json.load(f)
        event = event.get("Event", event)
        owners = [(event, None)] + [(o, o) for o in event.get("Object", [])]
        for owner, thing in owners:
            for attribute in owner.get("Attribute", []):
                tags = {tag["name"].lower() for holder in (event, attribute) for tag in holder.get("Tag", [])}
                truth = lambda holder, key: holder.get(key) in (True, 1, "1", "true")
                if truth(attribute, "deleted") or (thing and truth(thing, "deleted")) or not truth(attribute, "to_ids"):
                    continue
                if tags & {"pap:red", "pap:amber", "tlp:red", "tlp:amber+strict", 'false-positive:confirmed="true"',
                           'workflow:state="draft"', 'workflow:state="incomplete"', 'workflow:state="rejected"'}:
                    continue
                if thing and {(thing["name"], attribute.get("object_relation")), (thing["name"], None)} & INNOCENT:
                    continue
                scope = {"domain": "subtree", "domain|ip": "subtree", "hostname": "exact",
                         "hostname|port": "exact"}.get(attribute["type"])
                name = normal(attribute["value"].split("|")[0]) if scope else None
                if name and not (suffixes and scope == "subtree" and suffixes.has(name)):
                    rules.add((scope, name))
    return fold(rules)

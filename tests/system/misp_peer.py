"""A MISP server, as far as feedsync talks to it. What it says is made of the recorded answers of a real one, which lie among the
real data (../shared/data/misp-transcripts): without them the tests that need it are skipped."""
import copy, functools, gzip, json, os, unittest

from peers import Peer

RECORDED = os.path.join(os.environ.get("WEIR_SHARED", ""), "data", "misp-transcripts")


def need_recorded():
    """Skips the test where the answers are not here."""
    if not os.path.isdir(RECORDED):
        raise unittest.SkipTest("the recorded answers of a MISP (../shared) are not here")


@functools.cache
def recorded(name):
    with open(os.path.join(RECORDED, name + ".json")) as f:
        return json.load(f)


def answer_of(name):
    """The status, body and own headers of a recorded answer."""
    r = recorded(name)
    own = {key: value for key, value in r["headers"].items() if key.startswith("X-") or key in ("Location", "Content-Type")}
    return r["status"], r["body"].encode() if isinstance(r["body"], str) else r["body"], own


def misp_attribute(number, value, kind="domain", event=1, **more):
    """`event_tags` are tags of its event; each with "exportable": False is one that the instance does not export."""
    return {"id": str(number), "uuid": f"00000000-0000-4000-8000-{number:012}", "event_id": str(event), "object_id": "0",
            "object_relation": None, "category": "Network activity", "type": kind, "value": value, "to_ids": True,
            "timestamp": "1700000000", "deleted": False, **more}


class Misp(Peer):
    """A MISP instance. Like MISP it ignores a body without its Content-Type, and parameters that it does not know; cuts a page
    before it takes values out of it; and counts in X-Result-Count the rows of the page before that, and one more where the page
    is full after it.

    Additions to what was recorded, each told by the word `Addition`: compression, a limit of requests that is spent over many
    of them, objects asked for by events, the user of a key."""

    KEY = "misp-key-0123456789"

    def __init__(self):
        need_recorded()
        super().__init__()
        self.events, self.held, self.objects, self.proposed, self.allowed = {}, [], {}, set(), set()
        self.gzip = True  # Addition: the server compresses for who asks for it
        self.user = {}  # Addition: what is told of the key's user
        self.requests_left = None  # Addition: so many searches until it is 429

    # ---- what its users do

    @property
    def attributes(self):
        return self.held

    @attributes.setter
    def attributes(self, attributes):
        """All that the instance has now, edited and published."""
        changed = {a["event_id"] for a in self.held} | {a["event_id"] for a in attributes}
        self.held = list(attributes)
        for number in changed:
            self.publish(number)

    def event(self, number):
        if str(number) not in self.events:
            shown = recorded("restsearch-includeContext")["body"]["response"]["Attribute"][0]["Event"]
            self.events[str(number)] = {**copy.deepcopy(shown), "id": str(number), "uuid": f"00000000-0000-4000-9000-{int(number):012}",
                                        "timestamp": "1700000000", "publish_timestamp": "0", "published": False, "Tag": []}
        return self.events[str(number)]

    def edit(self, number=1, *attributes):
        """Somebody adds attributes, or has changed some: that unpublishes the event."""
        event = self.event(number)
        self.held += attributes
        event["timestamp"] = str(max(int(event["timestamp"]), int(event["publish_timestamp"])) + 10)
        event["published"] = False

    def publish(self, number=1):
        """Edits and publishes."""
        self.edit(number)
        self.event(number).update(published=True, publish_timestamp=str(int(self.event(number)["timestamp"]) + 1))

    def unpublish(self, number=1):
        """Somebody withdraws an event: neither of its times tells."""
        self.event(number)["published"] = False

    def delete(self, number):
        del self.events[str(number)]
        self.held = [a for a in self.held if a["event_id"] != str(number)]

    # ---- what it answers

    def answer(self, request):
        status, document, headers = self.answer_plain(request)
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        if self.gzip and "gzip" in request.headers.get("Accept-Encoding", "") and body:
            body, headers = gzip.compress(body, 1), {**headers, "Content-Encoding": "gzip"}
        return status, body, headers

    def answer_plain(self, request):
        actions = {"/events/index": self.index, "/events/restSearch": self.search_events,
                   "/attributes/restSearch": self.search_attributes, "/objects/restSearch": self.search_objects}
        if request.headers.get("Authorization") != self.KEY:
            return answer_of("err-403-wrong-key" if request.headers.get("Authorization") else "err-403-no-key")
        if request.path == "/users/view/me":
            return 200, self.user, {}
        if request.path not in actions:
            return answer_of("err-no-such-controller")
        if request.method != "POST":
            return answer_of("err-get-without-parameters")
        asked = {}
        if request.headers.get("Content-Type") == "application/json":
            try:
                asked = json.loads(request.body)
            except ValueError:
                return answer_of("err-broken-json")
        if self.requests_left is not None and request.path != "/events/index":
            if self.requests_left == 0:
                return answer_of("rate-limit-4")
            self.requests_left -= 1
        return actions[request.path](asked)

    def of_event(self, number):
        return [a for a in self.held if a["event_id"] == str(number) and not a["deleted"]]

    def index(self, asked):
        shape = recorded("events-index-minimal-one")["body"][0]
        listed = [{**shape, **{key: event[key] for key in ("id", "timestamp", "published", "uuid")}}
                  for number, event in self.events.items() if self.of_event(number)]
        return 200, listed, {"X-Result-Count": str(len(listed))}

    def wanted(self, asked):
        """The numbers of the events that are asked for."""
        told = asked.get("eventid", list(self.events))
        return {str(number) for number in (told if isinstance(told, list) else [told])}

    def search_events(self, asked):
        shape = recorded("events-restsearch-metadata")["body"]["response"][0]["Event"]
        found = [{"Event": {**shape, **event, "attribute_count": str(len(self.of_event(number)))}}
                 for number, event in self.events.items() if number in self.wanted(asked)]
        return 200, {"response": found}, {"X-Result-Count": str(len(found))}

    def search_objects(self, asked):
        shape = recorded("objects-restsearch-metadata")["body"]["response"][0]["Object"]
        wanted = self.wanted(asked)  # Addition: `eventid`
        found = [{"Object": {**shape, "id": number, "name": name}} for number, name in self.objects.items()
                 if name in asked.get("object_name", [name]) and
                 any(a["object_id"] == number and a["event_id"] in wanted for a in self.held)]
        return 200, {"response": found}, {"X-Result-Count": str(len(found) + (len(found) >= asked.get("limit", 1 << 30)))}

    def search_attributes(self, asked):
        wanted = self.wanted(asked)
        rows = sorted((a for a in self.held if a["event_id"] in wanted and a["event_id"] in self.events
                       and a["type"] in asked.get("type", [a["type"]])
                       and ("to_ids" not in asked or a["to_ids"] == bool(asked["to_ids"]))
                       and ("deleted" not in asked or a["deleted"] == bool(asked["deleted"]))
                       and ("published" not in asked or self.events[a["event_id"]]["published"] == bool(asked["published"]))),
                      key=lambda a: int(a["id"]))
        limit = asked.get("limit") or len(rows) or 1
        page = rows[(max(asked.get("page", 1), 1) - 1) * limit:][:limit]
        left = [a for a in page if not (asked.get("allow_proposal_blocking") and a["value"] in self.proposed)]
        count = len(page) + (len(left) == limit) if page else 1
        shown = [self.shown(a, asked, self.event(a["event_id"])) for a in left if a["value"] not in self.allowed]
        return 200, {"response": {"Attribute": shown}}, {
            "X-Result-Count": str(count), "X-Skipped-Elements-Count": str(len(page) - len(left)),
            "X-Export-Module-Used": "json", "X-Response-Format": "json"}

    @staticmethod
    def shown(attribute, asked, event=None):
        """An attribute as MISP shows it: tags that the instance does not export only if all are asked for, and no list of tags
        where there are none to show; more of its event only with its context."""
        exported = lambda tags: [{k: v for k, v in tag.items() if k != "exportable"} for tag in tags
                                 if asked.get("includeAllTags") or tag.get("exportable", True)]
        event_tags = attribute.get("event_tags", [])
        tags = exported(attribute.get("Tag", [])) + ([{**tag, "inherited": 1} for tag in exported(event_tags)]
                                                     if asked.get("includeEventTags") else [])
        event = event or recorded("restsearch-page-full")["body"]["response"]["Attribute"][0]["Event"]
        if asked.get("includeContext"):
            event = {**event, "Tag": [{k: v for k, v in tag.items() if k != "exportable"} for tag in event_tags
                                      if tag.get("exportable", True)]}
        else:
            event = {key: event[key] for key in ("org_id", "distribution", "publish_timestamp", "id", "info", "orgc_id", "uuid")}
        shape = recorded("restsearch-includeContext")["body"]["response"]["Attribute"][0]
        shown = {**shape, **{key: value for key, value in attribute.items() if key not in ("event_tags", "Tag")}, "Event": event}
        return {**{k: v for k, v in shown.items() if k != "Tag"}, **({"Tag": tags} if tags else {})}

"""What a real MISP answered, word for word (../shared/data/misp-transcripts), replayed to feedsync: each answer to a question like one
of feedsync's is one of the cases below."""
import re, shutil

from feeds import *
from misp_peer import *

INDEX, ATTRIBUTES, STATES, OBJECTS = "/events/index", "/attributes/restSearch", "/events/restSearch", "/objects/restSearch"

# Answers to the question for attributes: the rules that they hold.
TR = {("subtree", "tr-one.example"), ("subtree", "tr-two.example")}
FIRST = {("subtree", "login-parcel.example"), ("exact", "www.bank-login.example")}
SEARCHES = {
    "restsearch-includeContext": {("subtree", "tr-one.example")},
    "restsearch-page-1-of-2": None, "restsearch-page-2-of-2": None, "restsearch-page-full": None,
    "restsearch-deleted-0": None, "restsearch-allow_proposal_blocking": None, "rate-limit-3": FIRST,
    "restsearch-page-3-of-2": set(), "restsearch-allowedlist-empties-a-page": set(),
    # Without includeAllTags, which feedsync sends, the event's tlp:red does not show.
    "restsearch-tag-not-exportable": None, "restsearch-tag-not-exportable-includeAllTags": "TLP forbids",
}
# Answers that are errors: what feedsync says of them.
ERRORS = {
    "err-403-address-not-allowed": "HTTP 403: It is not possible to use this Auth key from your IP address",
    "err-403-key-expired": "HTTP 403: Authentication failed. Please make sure you pass the API key of an API enabled user",
    "err-403-no-key": "HTTP 403: Authentication failed. Please make sure you pass the API key of an API enabled user",
    "err-403-role-without-perm_auth": "HTTP 403: Authentication failed. Please make sure you pass the API key of an API enabled user",
    "err-403-short-key": "HTTP 403: Authentication failed. Please make sure you pass the API key of an API enabled user",
    "err-403-user-disabled": "HTTP 403: Authentication failed. Your user account has been disabled.",
    "err-403-wrong-key": "HTTP 403: Authentication failed. Please make sure you pass the API key of an API enabled user",
    "err-bearer": "HTTP 403: Authentication failed. Please make sure you pass the API key of an API enabled user",
    "err-502-php-gone": "the server answers HTTP 502",
    "err-broken-json": "HTTP 405: Invalid JSON input. Make sure that the JSON input is a correctly formatted JSON string.",
    "err-database-gone": "HTTP 500: An Internal Error Has Occurred.",
    "err-get-without-parameters": "HTTP 400: Restsearch queries using GET and no parameters are not allowed.",
    "err-maintenance": "the server redirects to its login page: it is in maintenance, or wants a login",
    "err-no-such-controller": "the server has no such document (HTTP 404)",
    "rate-limit-4": "HTTP 429 and asks to be left alone for 899 s: Rate limit exceeded.",
}


def attributes_of(name):
    return recorded(name)["body"]["response"]["Attribute"]


def rules_of(name):
    """The rules that stand in an answer, read by themselves."""
    red = lambda a: any(tag["name"] == "tlp:red" for tag in a.get("Tag", []))
    return {("exact" if a["type"].startswith("hostname") else "subtree", a["value"].partition("|")[0])
            for a in attributes_of(name) if a["type"].partition("|")[0] in ("domain", "hostname") and not red(a) and not a["deleted"]}


class Recorded(FeedLab):
    def setUp(self):
        super().setUp()
        need_recorded()
        self.peer = self.enterContext(Peer())
        self.key = self.write("key", Misp.KEY)
        os.chmod(self.key, 0o600)
        self.fresh()

    def fresh(self):
        shutil.rmtree(self.path("state"), ignore_errors=True)
        self.configure([{"name": "m", "format": "misp-rest", "url": self.peer.url, "key-file": self.key}])

    def answer(self, **answers):
        """Each action is answered so: a recorded answer by its name, or a body."""
        actions = {"/events/index": "index", "/attributes/restSearch": "attributes", "/events/restSearch": "states",
                   "/objects/restSearch": "objects"}
        def respond(request):
            told = answers.get(actions.get(request.path), "err-no-such-controller")
            return answer_of(told) if isinstance(told, str) else (200, told, {})
        self.peer.answer = respond

    def index_of(self, attributes):
        shape = recorded("events-index-minimal-one")["body"][0]
        events = {a["Event"]["id"]: a["Event"] for a in attributes}
        return [{**shape, "id": e["id"], "uuid": e["uuid"], "timestamp": e.get("timestamp", "1795969342")} for e in events.values()]

    def test_searches(self):
        for name, rules in SEARCHES.items():
            with self.subTest(name):
                self.fresh()
                attributes = attributes_of(name)
                self.answer(index=self.index_of(attributes or attributes_of("restsearch-includeContext")), attributes=name,
                            objects={"response": []})
                if isinstance(rules, str):
                    self.assertIn(rules, self.sync(code=2))
                    continue
                self.sync(code=0)
                self.assertEqual(self.dump(), rules_of(name) if rules is None else rules)

    def test_errors(self):
        """On each question, with and without a good version."""
        good = attributes_of("restsearch-includeContext")
        self.answer(index=self.index_of(good), attributes="restsearch-includeContext")
        self.sync(code=0)
        changed = [{**event, "timestamp": "1795969399"} for event in self.index_of(good)]
        for name, words in ERRORS.items():
            for answers in ({"index": name}, {"index": changed, "attributes": name}):
                with self.subTest(name, **answers):
                    self.answer(**answers)
                    self.peer.take_requests()
                    self.assertIn(words, self.sync(code=1))
                    self.assertEqual(len(self.peer.take_requests()), len(answers))
                    self.assertEqual(self.dump(), {("subtree", "tr-one.example")})

    def test_an_event_is_edited_and_published_again(self):
        published, edited = "events-index-minimal-one", "events-index-minimal-being-edited"
        self.answer(index=published, attributes="restsearch-includeContext")
        self.sync(code=0)
        # The state as MISP tells it with an attribute is that of the event.
        state = attributes_of("restsearch-event-being-edited-published-0")[0]["Event"]
        shape = recorded("events-restsearch-metadata")["body"]["response"][0]["Event"]
        self.answer(index=edited, states={"response": [{"Event": {**shape, **state}}]}, attributes="restsearch-event-being-edited")
        self.assertIn("is being edited; its last published version stays in force", self.sync(code=0))
        self.assertEqual(self.dump(), {("subtree", "tr-one.example")})
        # That it is published would be told so.
        self.answer(index=published, states="events-restsearch-metadata", attributes="restsearch-includeContext")
        self.sync(code=0)
        self.assertEqual(self.status()["feeds"][0]["edited"], 0)
        # Withdrawn: neither time tells of an edit.
        withdrawn = {**shape, "published": False}
        self.answer(index=[{**recorded(published)["body"][0], "published": False}], states={"response": [{"Event": withdrawn}]})
        self.assertIn("has been unpublished; its names go", self.sync(code=0))
        self.assertEqual(self.dump(), set())

    def test_fetched_while_it_is_edited(self):
        """The index told of the event as published, and then it shows no attribute, as it is being edited."""
        index = recorded("events-index-minimal-one")["body"]
        self.answer(index=index, attributes="restsearch-includeContext")
        self.sync(code=0)
        answers = [[{**index[0], "timestamp": "1795969366"}], recorded("events-index-minimal-being-edited")["body"]]
        self.peer.answer = lambda request: (200, answers.pop(0), {}) if request.path == INDEX else \
            answer_of("restsearch-event-being-edited")
        self.sync(code=0)
        self.assertEqual(self.dump(), {("subtree", "tr-one.example")})

    def test_victims(self):
        [victim] = [o["Object"] for o in recorded("objects-restsearch-metadata")["body"]["response"]]
        attributes = json.loads(json.dumps(attributes_of("restsearch-page-full")))
        for attribute in attributes[:2]:
            attribute.update(object_id=victim["id"], object_relation="domain")
        attributes[2].update(object_id="77", object_relation="domain")
        self.answer(index=self.index_of(attributes), attributes={"response": {"Attribute": attributes}}, objects="objects-restsearch-metadata")
        self.sync(code=0)
        innocent = {a["value"] for a in attributes[:2]}
        self.assertEqual(self.dump(), {rule for rule in rules_of("restsearch-page-full") if rule[1] not in innocent})
        self.assertEqual(self.status()["feeds"][0]["rejected"], {"relation": 2})

"""A family filter in use: nobody gets another's answer, and nobody's questions go to the servers more often than without it."""
from family import *

OPTIONS = "  rrset-roundrobin: no\n"


def some(kind, count):
    return [f"{kind}{i}.example" for i in range(count)]


MIX = Mix(some("o", 3000), some("a", 1000), some("m", 100))
QUESTIONS = {client: MIX.questions(100 * share, share) for client, share in CLIENTS.items()}
KIND = {name: kind for kind, names in MIX.names.items() for name in names}


class Family(FamilyLab):
    def ask_mix(self):
        """All clients at the same time. Returns the answers of each."""
        answers = all_at_once(lambda client, questions: ask_all(self.port, questions, client), QUESTIONS.items())
        return dict(zip(QUESTIONS, answers))

    def asked_upstream(self, ask):
        before = self.upstream_queries()
        return ask(), self.upstream_queries() - before

    def test_mix(self):
        self.publish_family(MIX.names[MALICIOUS], MIX.names[ADULT])
        upstream = self.family_internet()
        self.unbound(upstream, modules="iterator", options=OPTIONS)
        without, asked_without = self.asked_upstream(self.ask_mix)
        self.unbound(upstream, options=OPTIONS)
        answers, asked = self.asked_upstream(self.ask_mix)
        again, asked_again = self.asked_upstream(self.ask_mix)
        self.assertLessEqual(asked, 1.05 * asked_without)
        self.assertEqual(asked_again, 0)
        for client, questions in QUESTIONS.items():
            blocked = [i for i, (name, _) in enumerate(questions) if KIND[name] in BLOCKED[client]]
            self.assertEqual(bool(blocked), bool(BLOCKED[client]))
            for got in (answers[client], again[client]):
                for i in blocked:
                    self.assertTrue(Answer(dns.message.from_wire(got[i])).blocked(), (client, questions[i]))
                differ = differing(questions, got, without[client])
                self.assertEqual({question for question, _, _ in differ}, {questions[i] for i in blocked}, client)

"""A project with a past: conversations, an approval that waits, a run that failed and one that is at work. For pictures of the page."""
import pathlib

from batuta_server import BatutaServer
from client import Client
from model_server import ModelServer

FOLDER = pathlib.Path(__file__).parents[1] / "demo"

REPORT = [{"day": "Mon", "cost": 412.4, "clicks": 981}, {"day": "Tue", "cost": 655.1, "clicks": 1012}, {"day": "Wed", "cost": 699.8, "clicks": 1007}]

ANSWER = {
    "en": """The brand campaign cost **59 % more** on Tuesday and Wednesday than on Monday, for almost the same clicks.

| Day | Cost | Clicks | Cost per click |
| :-- | --: | --: | --: |
| Monday | R$ 412.40 | 981 | R$ 0.42 |
| Tuesday | R$ 655.10 | 1,012 | R$ 0.65 |
| Wednesday | R$ 699.80 | 1,007 | R$ 0.69 |

The auction explains it: the cost per click rose by $\\Delta = \\frac{0.69 - 0.42}{0.42} \\approx 64\\,\\%$ while the position stayed. I would

1. cap the bid at **R$ 0.50** until Friday,
2. look at the *search terms* of Tuesday morning.

```sql
select term, sum(cost) as cost
from search_terms
where campaign = 'brand' and day >= '2026-01-20'
group by term order by cost desc limit 10;
```""",
    "pt-BR": """A campanha de marca custou **59 % a mais** na terça e na quarta do que na segunda, com quase os mesmos cliques.

| Dia | Custo | Cliques | Custo por clique |
| :-- | --: | --: | --: |
| Segunda | R$ 412,40 | 981 | R$ 0,42 |
| Terça | R$ 655,10 | 1.012 | R$ 0,65 |
| Quarta | R$ 699,80 | 1.007 | R$ 0,69 |

Quem explica é o leilão: o custo por clique subiu $\\Delta = \\frac{0{,}69 - 0{,}42}{0{,}42} \\approx 64\\,\\%$ na mesma posição. Eu faria assim:

1. limitar o lance a **R$ 0,50** até sexta,
2. olhar os *termos de busca* da manhã de terça.

```sql
select termo, sum(custo) as custo
from termos_de_busca
where campanha = 'marca' and dia >= '2026-01-20'
group by termo order by custo desc limit 10;
```""",
}

SAID = {
    "en": {
        "report": "How did the brand campaign do this week?", "pause": "Pause it, then", "which": "Which campaign loses money?",
        "loses": "**Outlet** (20410001): R$ 2,520 spent in 14 days, no sale. The others earn at least twice what they cost.", "short": "Answered in short: yes.",
        "others": ["Budget for February", "Which keywords are new?", "Draft of the weekly e-mail", "Why did clicks fall on Sunday?"],
        "fails": "Compare with last year", "works": "Write the report for the client", "reason": "Spends R$ 180 a day and sold nothing in two weeks",
        "then": "Paused. I will look again on Friday.", "brief": "Answer in one sentence.", "story": "I am reading the numbers of the last thirty days and will",
    },
    "pt-BR": {
        "report": "Como foi a campanha de marca nesta semana?", "pause": "Então pause essa", "which": "Qual campanha dá prejuízo?",
        "loses": "**Outlet** (20410001): R$ 2.520 gastos em 14 dias, nenhuma venda. As outras rendem pelo menos o dobro do que custam.", "short": "Em resumo: sim.",
        "others": ["Verba de fevereiro", "Quais palavras-chave são novas?", "Rascunho do e-mail da semana", "Por que os cliques caíram no domingo?"],
        "fails": "Compare com o ano passado", "works": "Escreva o relatório para o cliente", "reason": "Gasta R$ 180 por dia e não vendeu nada em duas semanas",
        "then": "Pausada. Olho de novo na sexta.", "brief": "Responda em uma frase.", "story": "Estou lendo os números dos últimos trinta dias e já",
    },
}


class Demo:
    def __init__(self, folder, browser, language="en"):
        self.language = language
        self.said = SAID[language]
        self.model = ModelServer()
        self.model.reports["brand"] = REPORT
        files = {path.relative_to(FOLDER).as_posix(): path.read_text().replace("MODEL_URL", self.model.url).replace("LANGUAGE", language)
                 for path in FOLDER.rglob("*") if path.is_file()}
        self.server = BatutaServer(folder, language=language, files=files)
        self.client = Client(browser, self.server)
        self.runs = {}
        self.forked = None
        self._live()

    def _live(self):
        said, model = self.said, self.model
        read = {"tool": "campaign_report", "arguments": {"campaign": "brand", "days": 3}, "then": ANSWER[self.language]}
        report = {"tool": "current_time", "arguments": {"time_zone": "America/Sao_Paulo"}, "then": read}
        which = {"tool": "campaign_report", "arguments": {"campaign": "outlet", "days": 14}, "then": said["loses"]}
        pause = {"tool": "pause_campaign", "arguments": {"campaign_id": "20410001", "account_id": 7781203, "reason": said["reason"]}, "then": said["then"]}
        model.default = said["short"]
        for needle, answer in ((said["report"], report), (said["which"], which), (said["pause"], pause), (said["fails"], 400), (said["works"], said["story"])):
            model.say(needle, answer)
        for email, name, role in (("member@example.com", None, "member"), ("builder@example.com", None, "builder")):
            self.client.call("POST", "/v1/users", {"email": email, "name": name, "role": role})
        self.client.call("POST", "/v1/keys", {"name": "nightly report", "role": "member", "expires": "90d"})
        for name in ("META_ADS_TOKEN", "OPENROUTER_API_KEY"):
            self.client.call("POST", "/v1/secrets", {"name": name, "value": "sk-not-shown"})
        for title in said["others"]:
            self.client.run(title)
        self.runs["failed"] = self.client.run(said["fails"])
        model.delay = 0.012
        self.runs["report"] = self.client.run(said["report"])
        before = self.client.run(said["which"])
        self.runs["asks"] = self.client.run(said["pause"], before["session_id"])
        model.hold_after = 8
        model.gate.clear()
        self.runs["works"] = self.client.call("POST", "/v1/runs?wait=0", {"content": said["works"]})

    def fork(self):
        """The report once more, with another message, prompt and result; made once."""
        if self.forked is None:
            path = f"/v1/runs/{self.runs['report']['id']}"
            last = [span for span in self.client.get(path + "/trace")["spans"] if span["kind"] == "tool"][-1]
            ground = self.client.get(f"{path}/fork?from_event={last['event']}")
            changes = {"content": self.said["others"][0], "instructions": ground["instructions"].rstrip() + "\n" + self.said["brief"],
                       "tool_results": {last["id"]: {**ground["tool_results"][-1]["data"][0], "clicks": 12}}}
            self.forked = self.client.call("POST", path + "/fork", {"from_event": last["event"], "changes": changes})
        return self.forked

    def stop(self):
        self.model.gate.set()
        self.client.close()
        self.server.stop()
        self.model.stop()

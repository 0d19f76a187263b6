"""A small OpenAI-compatible model: says what its rules tell it, token by token, at a pace that a test chooses."""
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ModelServer:
    """Rules are (needle, answer) pairs; the first whose needle is in the last user message counts. An answer is a text, or a dict
    {"tool": name, "arguments": {...}, "then": text}: the tool is asked for first, and what is `then`, another such
    dict or a text, comes after its result; {"calls": [{"tool", "arguments"}, ...], "then": text} asks for several at once; a number
    is the status of a refusal. Beside the model it plays the place where campaigns are paused."""

    def __init__(self):
        self.rules = []
        self.default = "Hello from the model."
        self.delay = 0.0
        self.good_key = "sk-good"
        self.requests = []
        self.campaigns = []
        self.breaks = set()
        self.reports = {}
        self.gate = threading.Event()
        self.gate.set()
        self.hold_after = None
        self.held = []
        handler = type("Handler", (_Handler,), {"model": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def campaigns_after(self, count):
        """The calls about campaigns, when there are so many: a decision is answered before its call has left."""
        deadline = time.monotonic() + 60
        while len(self.campaigns) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.campaigns

    def hold(self):
        gate = self.gate
        self.held.append(gate)
        gate.wait(120)

    def let_one_go_on(self):
        """Lets the answer go on that waits, when there is one, and holds those that come."""
        deadline = time.monotonic() + 60
        while not self.held and time.monotonic() < deadline:
            time.sleep(0.02)
        gate, self.gate = self.gate, threading.Event()
        gate.set()

    def say(self, needle, answer):
        self.rules.append((needle, answer))

    def stop(self):
        self.gate.set()
        self.http.shutdown()
        self.http.server_close()

    def answer_to(self, messages):
        last = next((m for m in reversed(messages) if m["role"] == "user"), {"content": ""})
        content = last["content"]
        text = content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)
        for needle, answer in self.rules:
            if needle in text:
                return answer
        return self.default


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path == "/v1/models":
            return self.reply(200, {"object": "list", "data": [{"id": "tiny", "object": "model"}]})
        if self.path.startswith("/v1/campaigns/"):
            time.sleep(self.model.delay * 30)
            return self.reply(200, self.model.reports.get(self.path.split("?")[0].rsplit("/", 1)[1], []))
        self.reply(404, {"error": {"message": "not found"}})

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/v1/campaigns/"):
            campaign = self.path.rsplit("/", 1)[1]
            if campaign in self.model.breaks:  # once: nobody knows whether it was paused
                self.model.breaks.remove(campaign)
                return self.reply(502, {"error": "bad gateway"})
            self.model.campaigns.append((campaign, body))
            return self.reply(200, {"status": "PAUSED"})
        self.model.requests.append(body)
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if key and key != self.model.good_key:
            return self.reply(401, {"error": {"message": "Incorrect API key provided.", "code": "invalid_api_key"}})
        answer = self.model.answer_to(body["messages"])
        if isinstance(answer, int):
            return self.reply(answer, {"error": {"message": "This model is out of order."}})
        calls = None
        if isinstance(answer, dict):
            for _ in self.results(body["messages"]):
                answer = answer["then"] if isinstance(answer, dict) else answer
            if isinstance(answer, dict):
                calls, answer = answer.get("calls") or [answer], ""
        if body.get("stream"):
            self.stream(answer, calls)
        else:
            message = {"role": "assistant", "content": answer}
            if calls:
                message["tool_calls"] = [self.call(wanted, at) for at, wanted in enumerate(calls)]
            self.reply(200, {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}],
                             "usage": {"prompt_tokens": 10, "completion_tokens": 5}})

    def results(self, messages):
        """Those that came after the last user message."""
        last = max(index for index, message in enumerate(messages) if message["role"] == "user")
        return [message for message in messages[last:] if message["role"] == "tool"]

    def call(self, wanted, at):
        return {"id": f"call_{len(self.model.requests)}_{at}", "type": "function",
                "function": {"name": wanted["tool"], "arguments": json.dumps(wanted["arguments"])}}

    def stream(self, text, calls):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            time.sleep(self.model.delay * 20)
            if self.model.hold_after == 0:
                self.model.hold()
            for at, wanted in enumerate(calls or []):
                self.chunk({"tool_calls": [{"index": at, **self.call(wanted, at)}]})
            words = text.split(" ")
            for number, word in enumerate(words):
                if self.model.hold_after is not None and number == self.model.hold_after and number > 0:
                    self.model.hold()
                self.chunk({"content": word if number == 0 else " " + word})
                if self.model.delay:
                    time.sleep(self.model.delay)
            self.chunk({}, "tool_calls" if calls else "stop")
            usage = {"choices": [], "usage": {"prompt_tokens": 120, "completion_tokens": len(words)}}
            self.wfile.write(f"data: {json.dumps(usage)}\n\ndata: [DONE]\n\n".encode())
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.close_connection = True

    def chunk(self, delta, finish=None):
        data = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        self.wfile.write(f"data: {json.dumps(data)}\n\n".encode())
        self.wfile.flush()

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

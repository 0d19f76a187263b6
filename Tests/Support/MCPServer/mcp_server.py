"""A server of the Model Context Protocol for tests: both versions, over pipes or HTTP, with every fault on request.

    mcp_server.py [--era modern|legacy|both|silent|pickers] [--state FOLDER] [--http] [--json]

`--state` holds what tests look at or change: `effects` (a line for each call that took effect), `description` (of `add`),
`extra` (one more tool when the file is there), `odd` (one whose schema is none, and one that promises what its results look like), `starts` (a line for each start).
"""

import argparse
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODERN, LEGACY = "2026-07-28", "2025-11-25"
options = argparse.ArgumentParser()
options.add_argument("--era", default="both")
options.add_argument("--state", default=None)
options.add_argument("--http", action="store_true")
options.add_argument("--json", action="store_true", help="answer HTTP with JSON instead of an event stream")
options = options.parse_args()
writing = threading.Lock()


def state(name):
    return os.path.join(options.state or "/nowhere", name)


def note(name, line):
    if options.state:
        with open(state(name), "a") as file:
            file.write(line + "\n")


def text_of(name, default):
    try:
        with open(state(name)) as file:
            return file.read()
    except OSError:
        return default


def schema(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def tools():
    number, string = {"type": "number"}, {"type": "string"}
    listed = [
        {"name": "add", "description": text_of("description", "Adds two numbers."), "inputSchema": schema(a=number, b=number),
         "annotations": {"readOnlyHint": True}},
        {"name": "echo", "description": "Gives back what it gets.", "inputSchema": {"type": "object"}},
        {"name": "erase", "description": "Erases.", "inputSchema": {"type": "object"}, "annotations": {"destructiveHint": True}},
        {"name": "effect", "description": "Takes effect.", "inputSchema": schema(name=string)},
        {"name": "routed", "description": "Has a header.",
         "inputSchema": schema(region={"type": "string", "x-mcp-header": "Region"})},
    ]
    for name in ("refuse", "hang", "crash", "effect_then_crash", "effect_then_hang", "garbage", "huge", "slow", "wrong_id", "broken",
                 "changed", "picture", "parts", "ask_back", "input", "environment", "chatter", "flood", "internal"):
        listed.append({"name": name, "description": name, "inputSchema": {"type": "object"}})
    if os.path.exists(state("extra")):
        listed.append({"name": "extra", "description": "One more.", "inputSchema": {"type": "object"}})
    if os.path.exists(state("odd")):
        listed.append({"name": "odd", "description": "Odd.", "inputSchema": {"type": "strin"}})
        listed.append({"name": "measure", "description": "Measures.", "inputSchema": {"type": "object"},
                       "outputSchema": {"type": "object", "properties": {"sum": {"type": "number"}}, "required": ["sum"]}})
    return listed


def page(params):
    """Two pages, so that clients have to ask for the second."""
    every, cursor = tools(), params.get("cursor")
    if cursor is None:
        return {"tools": every[:7], "nextCursor": "more"}
    return {"tools": every[7:]}


def content(text):
    return {"content": [{"type": "text", "text": text}]}


def call(name, arguments, meta, send):
    """The result of a call; None when there is none to come."""
    if name == "add":
        return {"content": [], "structuredContent": {"sum": arguments["a"] + arguments["b"]}}
    if name == "measure":
        return {"content": [], "structuredContent": arguments}
    if name == "echo":
        return {"content": [], "structuredContent": {"arguments": arguments, "key": meta.get("batuta/idempotency_key")}}
    if name in ("effect", "erase", "effect_then_crash", "effect_then_hang"):
        note("effects", meta.get("batuta/idempotency_key", "-"))
    if name in ("crash", "effect_then_crash"):
        print("about to crash", file=sys.stderr, flush=True)
        os._exit(7)
    if name in ("hang", "effect_then_hang"):
        note("hangs", name)
        time.sleep(3_600)
    if name == "slow":
        time.sleep(arguments.get("seconds", 0.3))
        return content("slow")
    if name == "refuse":
        return {**content("No: the campaign is closed."), "isError": True}
    if name == "garbage":
        send("this is no JSON at all")
        send(json.dumps({"jsonrpc": "2.0", "id": 987_654, "result": {}}))
        return content("after garbage")
    if name == "huge":
        return content("x" * int(arguments.get("bytes", 20_000_000)))
    if name == "wrong_id":
        send(json.dumps({"jsonrpc": "2.0", "id": 123_456, "result": content("not yours")}))
        return None
    if name == "broken":
        return ["not", "an", "object"]
    if name == "changed":
        send(json.dumps({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}))
        return content("changed")
    if name == "picture":
        return {"content": [{"type": "text", "text": "Here."}, {"type": "image", "data": "AAAA", "mimeType": "image/png"}]}
    if name == "parts":
        return {"content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]}
    if name == "ask_back":
        send(json.dumps({"jsonrpc": "2.0", "id": "back", "method": "ping"}))
        return content("asked back")
    if name == "input":
        return {"resultType": "input_required", "inputRequests": {}}
    if name == "environment":
        return {"content": [], "structuredContent": dict(os.environ)}
    if name == "chatter":
        print("the key is", os.environ.get("TOKEN", "none"), file=sys.stderr, flush=True)
        return content("said")
    if name == "flood":
        for number in range(5_000):
            print("line", number, file=sys.stderr)
        sys.stderr.flush()
        return content("flooded")
    return content(f"{name} done")


initialized = set()


def answer(message, session, send):
    """The JSON-RPC answer to a message; None when there is none."""
    method, params, number = message.get("method"), message.get("params") or {}, message.get("id")
    if number is None or method is None:
        return None
    meta = params.get("_meta") or {}
    version = meta.get("io.modelcontextprotocol/protocolVersion")

    def result(value):
        if isinstance(value, dict) and version:
            value = {"resultType": "complete", "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "test", "version": "1"}}, **value}
        return {"jsonrpc": "2.0", "id": number, "result": value}

    def error(code, words, data=None):
        return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": words, **({"data": data} if data else {})}}

    if options.era == "pickers":
        return error(-32022, "unsupported protocol version", {"supported": ["2099-01-01"], "requested": version})
    if method == "server/discover":
        if options.era == "silent":
            return None
        if options.era == "legacy":
            return error(-32602, "Invalid request parameters")
        capabilities = {"tools": {"listChanged": options.era != "fixed"}}
        return result({"supportedVersions": [MODERN], "capabilities": capabilities, "ttlMs": 60_000, "cacheScope": "public"})
    if method == "initialize":
        if options.era == "modern":
            return error(-32601, "Method not found")
        initialized.add(session)
        return result({"protocolVersion": LEGACY, "capabilities": {"tools": {"listChanged": True}}, "serverInfo": {"name": "test", "version": "1"}})
    if version != MODERN and session not in initialized:
        return error(-32602, "Received request before initialization was complete")
    if version is None and options.era == "modern":
        return error(-32600, "no _meta")
    if method == "subscriptions/listen" and options.era != "deaf":
        note("listens", str(number))
        tell(send, number, "notifications/subscriptions/acknowledged", {"notifications": {"toolsListChanged": True}})
        return announce(send, number)
    if method == "tools/list":
        return result({**page(params), **({"ttlMs": 60_000, "cacheScope": "public"} if version else {})})
    if method == "tools/call":
        name = params.get("name")
        if name == "internal":
            return error(-32603, "something broke")
        if name == "book_session":
            note("effects", "booked")
            return error(-32000, "the session was booked, but its invoice could not be written")
        if name not in [tool["name"] for tool in tools()]:
            return error(-32602, f"Unknown tool: {name}")
        value = call(name, params.get("arguments") or {}, meta, send)
        return None if value is None else result(value)
    return error(-32601, "Method not found")


def tell(send, number, method, params):
    params = {**params, "_meta": {"io.modelcontextprotocol/subscriptionId": number}}
    send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))


def announce(send, number):
    """Tells of other tools when the file `announce` appears, and ends the stream when `hang_up` does."""
    while not os.path.exists(state("hang_up")):
        if os.path.exists(state("announce")):
            os.remove(state("announce"))
            tell(send, number, "notifications/tools/list_changed", {})
        time.sleep(0.01)
    os.remove(state("hang_up"))
    return {"jsonrpc": "2.0", "id": number, "result": {"resultType": "complete"}}


def send_line(text):
    with writing:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()


def serve_pipes():
    note("starts", str(os.getpid()))

    def handle(message):
        reply = answer(message, "pipes", send_line)
        if reply is not None:
            send_line(json.dumps(reply))

    for line in sys.stdin:
        message = json.loads(line)
        if message.get("method") == "notifications/cancelled":
            note("cancelled", str(message["params"]["requestId"]))
        elif message.get("method") in ("tools/call", "subscriptions/listen"):
            threading.Thread(target=handle, args=(message,), daemon=True).start()
        else:
            handle(message)
    note("ends", "input closed")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    sessions = set()

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        message = json.loads(body)
        note("headers", json.dumps({key.lower(): value for key, value in self.headers.items()}))
        wanted = self.headers.get("X-Fail")
        if wanted:
            return self.plain(int(wanted), b"overloaded", {"Retry-After": "1"})
        session = self.headers.get("Mcp-Session-Id")
        modern = self.headers.get("MCP-Protocol-Version") == MODERN
        if modern and options.era == "legacy":
            return self.plain(400, b"Bad Request: unsupported protocol version")
        if os.path.exists(state("forget")):
            os.remove(state("forget"))
            Handler.sessions.clear()
            initialized.clear()
        extra = {}
        if message.get("method") == "initialize":
            session = f"s{len(Handler.sessions) + 1}"
            Handler.sessions.add(session)
            extra["Mcp-Session-Id"] = session
        elif not modern and session not in Handler.sessions:
            return self.plain(404, b"no such session")
        if message.get("method") == "notifications/cancelled":
            note("cancelled", str(message["params"]["requestId"]))
        if message.get("id") is None:
            return self.plain(202, b"")
        if modern and message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] != MODERN:
            return self.plain(400, b"header mismatch")
        if modern and self.headers.get("Mcp-Method") != message["method"]:
            return self.plain(400, b"header mismatch")
        if message["method"] == "subscriptions/listen" and options.era != "deaf":
            return self.stream(message, session)
        pieces = []
        reply = answer(message, session, pieces.append)
        status = 404 if reply and reply.get("error", {}).get("code") == -32601 else 200
        if options.json or status != 200:
            return self.plain(status, json.dumps(reply).encode(), {"Content-Type": "application/json", **extra})
        pieces = [piece for piece in pieces if piece.startswith("{")] + ([json.dumps(reply)] if reply else [])
        data = b": hello\r\n\r\n" + b"".join(b"event: message\r\ndata: " + piece.encode() + b"\r\n\r\n" for piece in pieces)
        self.plain(200, data, {"Content-Type": "text/event-stream", **extra})

    def do_DELETE(self):
        session = self.headers.get("Mcp-Session-Id")
        Handler.sessions.discard(session)
        note("deleted", str(session))
        self.plain(204, b"")

    def stream(self, message, session):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

        def send(text):
            self.wfile.write(b"data: " + text.encode() + b"\n\n")
            self.wfile.flush()

        send(json.dumps(answer(message, session, send)))

    def plain(self, status, body, headers=None):
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve_http():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


if options.http:
    threading.Thread(target=serve_http, daemon=True).start()
    sys.stdin.read()
else:
    serve_pipes()

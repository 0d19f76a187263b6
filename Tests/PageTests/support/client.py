"""A person at another browser or program, the owner unless a link says who: signed in, no page."""


class Client:
    def __init__(self, browser, server, link=None):
        self.context = browser.new_context()
        self.address = server.address
        self.context.request.get(link or server.new_link())

    def call(self, method, path, body=None, expect=None):
        answer = self.context.request.fetch(self.address + path, method=method, data=body, headers={"X-Batuta-CSRF": "1"})
        if expect is None:
            assert answer.ok, f"{method} {path}: {answer.status} {answer.text()}"
        else:
            assert answer.status == expect, f"{method} {path}: {answer.status} {answer.text()}"
        return answer.json() if answer.text() else None

    def get(self, path):
        return self.call("GET", path)

    def run(self, content, session=None):
        """A message in a session, or in a new one; answers when its run has ended, or asks."""
        return self.call("POST", "/v1/runs?wait=1", {"content": content, **({"session_id": session} if session else {})})

    def waiting(self):
        return self.get("/v1/approvals?status=pending")["data"]

    def close(self):
        self.context.close()

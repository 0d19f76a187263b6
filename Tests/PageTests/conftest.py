import pathlib
import sys

import pytest
from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(pathlib.Path(__file__).parent / "support"))

from batuta_server import BatutaServer  # noqa: E402
from client import Client  # noqa: E402
from model_server import ModelServer  # noqa: E402
from watched_page import WatchedContexts  # noqa: E402

# A machine that is busy takes longer than the usual 5 s; whoever waits for what is there waits no longer for it.
expect.set_options(timeout=30_000)

EXAMPLE_PROJECT = pathlib.Path(__file__).parent / "project"


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def model():
    model = ModelServer()
    yield model
    model.stop()


@pytest.fixture
def contexts(browser):
    """Makes pages that are signed in and whose consoles are watched: an error in one fails the test."""
    contexts = WatchedContexts(browser)
    yield contexts
    contexts.close()
    assert contexts.complaints == [], "\n".join(contexts.complaints)


@pytest.fixture
def rehearsal(tmp_path, contexts):
    """Makes the hello project in a language, in rehearsal, as `make run` starts it."""
    servers = []

    def make(language="en"):
        servers.append(BatutaServer(tmp_path / f"hello-{language}", language=language))
        return servers[-1]

    yield make
    contexts.close()
    for server in servers:
        server.stop()


@pytest.fixture
def hello(rehearsal):
    return rehearsal("en")


@pytest.fixture
def live(tmp_path, model, contexts):
    """A project whose model is the test's own server, with a critical tool that asks a human."""
    files = {path.relative_to(EXAMPLE_PROJECT).as_posix(): path.read_text().replace("MODEL_URL", model.url)
             for path in EXAMPLE_PROJECT.rglob("*") if path.is_file()}
    server = BatutaServer(tmp_path / "live", files=files)
    yield server
    contexts.close()
    server.stop()


@pytest.fixture
def crew(tmp_path, model, contexts):
    """A project with two teams on the test's own model: one with a leader, one whose work is a graph that asks a person."""
    folder = EXAMPLE_PROJECT.parent / "crew"
    files = {path.relative_to(folder).as_posix(): path.read_text().replace("MODEL_URL", model.url) for path in folder.rglob("*") if path.is_file()}
    server = BatutaServer(tmp_path / "crew", files=files)
    yield server
    contexts.close()
    server.stop()


@pytest.fixture
def person(browser, live, client):
    """Makes people of `live`, each with a client of their own."""
    clients = []

    def make(email, role="member"):
        client.call("POST", "/v1/users", {"email": email, "role": role})
        clients.append(Client(browser, live, live.new_link(email)))
        return clients[-1]

    yield make
    for made in clients:
        made.close()


@pytest.fixture
def client(browser, live):
    """The owner of `live` once more, without a page."""
    client = Client(browser, live)
    yield client
    client.close()

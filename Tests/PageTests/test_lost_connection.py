"""The network drops in the middle of an answer, and comes back."""
import contextlib

from chat import Chat
from cut_proxy import CutProxy
from playwright.sync_api import expect
from sidebar import Sidebar

WORDS = [f"word{number}" for number in range(200)]


@contextlib.contextmanager
def through_proxy(server):
    """A proxy before the server, and the link that leads through it."""
    proxy = CutProxy("127.0.0.1", server.port)
    try:
        yield proxy, server.link.replace(f":{server.port}/", f":{proxy.port}/")
    finally:
        proxy.stop()


def test_s3_25_what_was_said_meanwhile_is_there_exactly_once(contexts, live, model):
    contexts.allow("WebSocket", "ERR_", "Failed to load resource")
    model.say("long", " ".join(WORDS))
    model.delay = 0.01
    with through_proxy(live) as (proxy, link):
        chat = Chat(contexts.page(link))
        chat.send("A long one")
        chat.sees("word20")
        proxy.cut()
        chat.page.wait_for_timeout(1200)
        proxy.heal()
        chat.sees("word199")
        chat.is_at_rest()
        assert chat.log.inner_text().split("word0 ")[1].split()[:199] == WORDS[1:]


def test_a_server_that_is_killed_and_started_again_goes_on_where_it_was(contexts, live, model):
    contexts.allow("WebSocket", "ERR_", "Failed to load resource")
    model.say("long", " ".join(WORDS))
    model.delay = 0.01
    chat = Chat(contexts.page(live.link))
    chat.send("A long one")
    chat.sees("word20")
    live.kill()
    live.start()
    chat.sees("word199")
    chat.is_at_rest()
    assert chat.log.inner_text().split("word0 ")[1].split()[:199] == WORDS[1:]


def test_a_server_that_stops_politely_is_told_at_once_and_a_message_goes_out_when_it_is_back(contexts, live, model):
    contexts.allow("WebSocket", "ERR_", "Failed to load resource")
    model.say("story", "Once upon a time there was an end.")
    model.hold_after = 4
    model.gate.clear()
    chat = Chat(contexts.page(live.link))
    chat.send("Tell a story")
    chat.sees("Once upon a time")
    live.ask_to_stop()
    line = chat.page.get_by_role("status").filter(has_text="Reconnecting…")
    expect(line).to_be_visible()
    assert live.process.poll() is None, "the server drains while the answer is written"
    chat.send("Are you there?")
    chat.sees("Are you there?")
    expect(chat.page.get_by_role("button", name="Send again")).to_have_count(0)
    model.hold_after = None
    model.gate.set()
    live.wait()
    expect(line).to_be_visible()
    live.start()
    expect(line).to_have_count(0)
    chat.sees("there was an end.")
    expect(chat.last.locator(".answer")).to_contain_text("Hello from the model.", timeout=30000)
    expect(chat.log.get_by_role("article")).to_have_count(2)


def test_s3_26_a_lost_connection_is_told_calmly_and_the_message_is_kept(contexts, live):
    contexts.allow("WebSocket", "ERR_", "Failed to load resource")
    with through_proxy(live) as (proxy, link):
        chat = Chat(contexts.page(link))
        chat.asked("Hello", "Hello from the model.")
        line = chat.page.get_by_role("status").filter(has_text="Reconnecting…")
        expect(line).to_have_count(0)
        proxy.cut()
        expect(line).to_be_visible()
        expect(chat.page.get_by_role("alert")).to_have_count(0)
        chat.sees("Hello from the model.")
        chat.send("Are you there?")
        expect(chat.log).to_contain_text("Are you there?")
        proxy.heal()
        expect(line).to_have_count(0, timeout=20000)
        expect(chat.last.locator(".answer")).to_contain_text("Hello from the model.")
        expect(chat.log.get_by_role("article")).to_have_count(2)


def test_s3_27_a_tab_that_slept_catches_up_exactly(contexts, live, model, client):
    contexts.allow("WebSocket", "ERR_", "Failed to load resource")
    for number in range(1, 4):
        model.say(f"Night {number}", {"tool": "current_time", "arguments": {}, "then": f"Answer of night {number}."})
    with through_proxy(live) as (proxy, link):
        chat = Chat(contexts.page(link))
        chat.asked("Good evening", "Hello from the model.")
        session = chat.page.url.rsplit("/", 1)[1]
        proxy.cut()
        for number in range(1, 4):
            client.run(f"Night {number}", session)
        other = client.run("Elsewhere, meanwhile")
        proxy.heal()
        chat.sees("Answer of night 3.")
        chat.is_at_rest()
        said = chat.log.locator(".bubble, .answer").all_inner_texts()
        nights = [line for number in range(1, 4) for line in (f"Night {number}", f"Answer of night {number}.")]
        assert said == ["Good evening", "Hello from the model.", *nights]
        expect(chat.log.locator(".activity")).to_have_count(3)
        expect(Sidebar(chat.page).link("Elsewhere, meanwhile")).to_be_visible()
        caught_up = chat.log.inner_text()
        chat.page.reload()
        chat.sees("Answer of night 3.")
        assert chat.log.inner_text() == caught_up
        assert other["status"] == "completed"


def test_what_failed_to_load_comes_by_itself_when_the_connection_is_back(contexts, live, model):
    contexts.allow("WebSocket", "ERR_", "Failed to load resource")
    with through_proxy(live) as (proxy, link):
        chat = Chat(contexts.page(link))
        chat.asked("Hello", "Hello from the model.")
        chat.page.get_by_role("link", name="New chat").first.click()
        proxy.cut()
        expect(chat.page.get_by_role("status").filter(has_text="Reconnecting…")).to_be_visible()
        Sidebar(chat.page).link("Hello").click()
        expect(chat.page.get_by_role("alert")).to_contain_text("tries again by itself")
        expect(chat.page.get_by_text("Try again", exact=True)).to_have_count(1)
        proxy.heal()
        expect(chat.log).to_contain_text("Hello from the model.", timeout=30000)

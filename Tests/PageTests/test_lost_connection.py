"""The network drops in the middle of an answer, and comes back."""
from chat import Chat
from cut_proxy import CutProxy

WORDS = [f"word{number}" for number in range(200)]


def test_s3_25_what_was_said_meanwhile_is_there_exactly_once(contexts, live, model):
    contexts.allow("WebSocket", "ERR_", "Failed to load resource")
    model.say("long", " ".join(WORDS))
    model.delay = 0.01
    proxy = CutProxy("127.0.0.1", live.port)
    try:
        chat = Chat(contexts.page(live.link.replace(f":{live.port}/", f":{proxy.port}/")))
        chat.send("A long one")
        chat.sees("word20")
        proxy.cut()
        chat.page.wait_for_timeout(1200)
        proxy.heal()
        chat.sees("word199")
        chat.is_at_rest()
        assert chat.log.inner_text().split("word0 ")[1].split()[:199] == WORDS[1:]
    finally:
        proxy.stop()


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

"""Files: dropped on the conversation, previewed, downloaded, and read by the model."""
from chat import Chat
from playwright.sync_api import expect

DROP = """async ([name, type, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, {type}));
  const zone = document.querySelector('.drop-zone');
  for (const kind of ['dragenter', 'dragover', 'drop']) zone.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def drop(chat, name, media_type, text):
    chat.composer.wait_for()
    chat.page.evaluate(DROP, [name, media_type, text])


def test_s3_60_a_dropped_file_goes_with_the_message_and_the_model_sees_it(contexts, live, model):
    chat = Chat(contexts.page(live.link))
    drop(chat, "costs.csv", "text/csv", "day,cost\nmonday,1204.50\n")
    expect(chat.page.locator(".upload-chips")).to_contain_text("costs.csv")
    chat.asked("What is in it?", "Hello from the model.")
    expect(chat.page.locator(".upload-chips")).to_have_count(0)
    assert "monday,1204.50" in str(model.requests[-1]["messages"])

    chat.page.reload()
    chat.log.get_by_role("button", name="Open costs.csv").click()
    dialog = chat.page.get_by_role("dialog", name="costs.csv")
    expect(dialog).to_contain_text("monday,1204.50")
    with chat.page.expect_download() as download:
        dialog.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "costs.csv"
    assert download.value.path().read_text() == "day,cost\nmonday,1204.50\n"


def test_a_file_can_be_taken_away_before_it_is_sent(contexts, live, model):
    chat = Chat(contexts.page(live.link))
    drop(chat, "secret.txt", "text/plain", "not for you")
    chat.page.get_by_role("button", name="Remove secret.txt").click()
    chat.asked("Hello", "Hello from the model.")
    assert "not for you" not in str(model.requests[-1]["messages"])


def test_a_file_that_only_looks_like_text_cannot_run(contexts, live):
    chat = Chat(contexts.page(live.link))
    drop(chat, "page.html", "text/html", "<script>window.top.__ran = true</script><p>Hi</p>")
    chat.asked("Look", "Hello from the model.")
    chat.log.get_by_role("button", name="Open page.html").click()
    expect(chat.page.get_by_role("dialog", name="page.html")).to_contain_text("<script>")
    assert chat.page.evaluate("window.__ran") is None


def test_a_message_that_is_sent_before_its_file_has_arrived_waits_for_it(contexts, live, model):
    chat = Chat(contexts.page(live.link))
    chat.page.route("**/files*", lambda route: (chat.page.wait_for_timeout(800), route.continue_()))
    drop(chat, "slow.txt", "text/plain", "worth the wait")
    chat.send("Read it")
    expect(chat.composer).to_have_value("Read it")
    chat.sees("Hello from the model.")
    assert "worth the wait" in str(model.requests[-1]["messages"])


def test_a_file_that_comes_while_the_first_message_is_on_its_way_goes_where_it_went(contexts, live, model):
    held = []
    chat = Chat(contexts.page(live.link))
    chat.page.route("**/v1/runs?wait=0", lambda route: held.append(route))
    chat.send("The first message")
    drop(chat, "late.txt", "text/plain", "not too late")
    expect(chat.page.locator(".upload-chips")).to_contain_text("late.txt")
    held.pop().continue_()
    chat.sees("Hello from the model.")
    expect(chat.page.locator(".upload-chips progress")).to_have_count(0)
    chat.send("And this?")
    expect(chat.last).to_contain_text("And this?")
    expect(chat.last).to_contain_text("Hello from the model.")
    assert "not too late" in str(model.requests[-1]["messages"])

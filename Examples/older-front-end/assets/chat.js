// The front end of an older system, on POST /api/agent/chat/stream. It keeps what a read left unfinished (S2.96): a read may hold half a
// line or several, and half a letter too, which is why the decoder is told that more comes.
const byId = (id) => document.getElementById(id);
let session;

async function* objects(response) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split("\n");
    rest = done ? "" : lines.pop();
    for (const line of lines) if (line.trim()) yield JSON.parse(line);
    if (done) return;
  }
}

function say(who, text) {
  const item = byId("conversation").appendChild(document.createElement("li"));
  item.textContent = `${who}: ${text}`;
  return item;
}

async function send(message) {
  const headers = { "Content-Type": "application/json", "Accept-Language": "pt-BR", "X-Batuta-CSRF": "1" };
  if (byId("key").value) headers.Authorization = `Bearer ${byId("key").value}`;
  const body = JSON.stringify(session ? { message, session_id: session } : { message });
  const response = await fetch("/api/agent/chat/stream", { method: "POST", headers, body });
  if (!response.ok) throw new Error((await response.json()).detail);
  let answer;
  for await (const event of objects(response)) {
    session = event.session_id;
    if (event.type === "content") (answer ??= say("Agente", "")).textContent += event.content;
    else byId("status").textContent = event.content;
    if (event.type === "tool_call") answer = undefined;
  }
}

byId("form").addEventListener("submit", async (submit) => {
  submit.preventDefault();
  const message = byId("message").value;
  byId("message").value = "";
  say("Você", message);
  try {
    await send(message);
  } catch (error) {
    byId("status").textContent = error.message;
  }
});

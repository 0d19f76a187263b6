"""A served project in a folder of its own: `batuta new`, `batuta serve`, and the sign-in link that it prints."""
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]


def program():
    return os.environ.get("BATUTA_PROGRAM") or str(ROOT / ".build/debug/batuta")


def free_port():
    """One to come back on after a restart: the system gives out those from 32,768 on by itself, so it is none of them."""
    for _ in range(100):
        port = random.randrange(15_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")


class BatutaServer:
    def __init__(self, folder, language="en", files=None, options=()):
        self.folder = pathlib.Path(folder)
        self.environment = {"PATH": "/usr/bin:/bin", "LANG": "pt_BR.UTF-8" if language == "pt-BR" else "en_US.UTF-8", "HOME": str(folder)}
        if "BATUTA_WEB_ROOT" in os.environ:  # a page that is being worked on, without building the program anew
            self.environment["BATUTA_WEB_ROOT"] = os.environ["BATUTA_WEB_ROOT"]
        if files is None:
            self.command("new", str(self.folder))
        for name, text in (files or {}).items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.options = list(options)
        self.port = free_port()
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [program(), "serve", "--project", str(self.folder), "--port", str(self.port), *self.options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=self.environment)
        self.lines = []
        self.found = threading.Event()
        self.link = None
        threading.Thread(target=self._read, daemon=True).start()
        if not self.found.wait(60) or self.link is None:
            raise AssertionError("the server printed no sign-in link:\n" + "".join(self.lines))
        self.address = re.match(r"(http://[^/]+)/", self.link).group(1)
        self.port = int(self.address.rsplit(":", 1)[1])

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            match = re.search(r"http://\S+/signin\?token=\S+", line)
            if match:
                self.link = match.group(0)
                self.found.set()
        self.found.set()

    def command(self, *arguments, input=None):
        return subprocess.run([program(), *arguments], env=self.environment, input=input, capture_output=True, text=True, check=True).stdout

    def new_link(self, email=None):
        """A fresh one-time link of the local owner, or of whoever has the address."""
        who = [email] if email else []
        return re.search(r"http://\S+/signin\?token=\S+", self.command("user", "link", *who, "--project", str(self.folder))).group(0)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)

    def ask_to_stop(self):
        """As `systemctl stop` does: it drains, and may still take connections meanwhile."""
        self.process.send_signal(signal.SIGTERM)

    def wait(self):
        self.process.wait(60)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)

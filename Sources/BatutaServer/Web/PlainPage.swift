import BatutaCore
import BatutaStorage

/// What a program without the page shows in its place: that the server runs, how to talk to it, and how to build the page.
struct PlainPage {
    private let isPortuguese: Bool

    /// - Parameter language: `pt-BR` or `en`.
    init(_ language: String) { isPortuguese = language == "pt-BR" }

    func file(_ path: String) -> WebFile? {
        switch path {
        case "index.html": WebFile(text: html, contentType: "text/html; charset=utf-8")
        case "assets/plain.css": WebFile(text: Self.style, contentType: "text/css; charset=utf-8")
        default: nil
        }
    }

    private var html: String {
        """
        <!doctype html>
        <html lang="\(isPortuguese ? "pt-BR" : "en")">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Batuta</title>
        <link rel="stylesheet" href="/assets/plain.css">
        </head>
        <body>
        <main>
        <p class="name">Batuta <span>\(BatutaVersion.current)</span></p>
        \(isPortuguese ? Self.portuguese : Self.english)
        </main>
        </body>
        </html>

        """
    }

    private static let english = """
        <h1>The server is running. Its page is not built in yet.</h1>
        <p>Build the page and start again:</p>
        <pre><code>make web
        make run</code></pre>
        <p>The page needs esbuild and a few other Debian packages; <code>make web</code> installs what is missing.</p>
        <h2>Meanwhile, in a terminal</h2>
        <pre><code>batuta chat</code></pre>
        <p>Programs use the HTTP interface: it is described in <a href="/openapi.json">openapi.json</a>,
        and <code>batuta key create NAME</code> makes a key for it.</p>
        """

    private static let portuguese = """
        <h1>O servidor está no ar. Falta só montar a página.</h1>
        <p>Monte a página e inicie de novo:</p>
        <pre><code>make web
        make run</code></pre>
        <p>Ela usa o esbuild e alguns outros pacotes do Debian; o <code>make web</code> instala o que faltar.</p>
        <h2>Enquanto isso, no terminal</h2>
        <pre><code>batuta chat</code></pre>
        <p>Programas usam a interface HTTP, descrita em <a href="/openapi.json">openapi.json</a>;
        <code>batuta key create NOME</code> cria a chave.</p>
        """

    private static let style = """
        :root { color-scheme: light dark; --bg: #faf9f6; --ink: #1d1c19; --soft: #57544c; --line: #e5e1d8; --sunken: #f4f2ed; --accent: #0b6b57; }
        @media (prefers-color-scheme: dark) {
            :root { --bg: #151614; --ink: #ecebe6; --soft: #b3b1a8; --line: #2c2e2a; --sunken: #191a18; --accent: #4cc3a2; }
        }
        body { margin: 0; background: var(--bg); color: var(--ink); font: 15px/1.6 Inter, system-ui, sans-serif; }
        main { max-width: 34rem; margin: 0 auto; padding: 18vh 24px 48px; }
        .name { margin: 0 0 28px; color: var(--accent); font-weight: 600; }
        .name span { color: var(--soft); font-weight: 400; }
        h1 { margin: 0 0 14px; font-size: 26px; line-height: 1.25; letter-spacing: -0.015em; }
        h2 { margin: 36px 0 10px; font-size: 16.5px; }
        p { margin: 0 0 12px; color: var(--soft); }
        code { font: 13px/1.6 "JetBrains Mono", ui-monospace, monospace; color: var(--ink); }
        pre { margin: 0 0 14px; padding: 12px 16px; border: 1px solid var(--line); border-radius: 10px; background: var(--sunken); overflow-x: auto; }
        a { color: var(--accent); }

        """
}

extension WebFile {
    fileprivate init(text: String, contentType: String) {
        let bytes = Array(text.utf8)
        self.init(contentType: contentType, hash: Digest.hex(Digest.sha256(bytes)), identity: bytes)
    }
}

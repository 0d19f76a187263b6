#!/usr/bin/python3
"""Packs a folder of built web files into one file, which the server embeds (Sources/Shims/CWeb).

    web/pack.py web/dist Sources/Shims/CWeb/web.pack

The form, read by Sources/BatutaServer/Web/WebPack.swift:

    "BATWEB1\\n"                 8 bytes
    length of the index         4 bytes, little endian
    index                       JSON: {"files": [{"path", "type", "sha256", "bodies": {"identity": [offset, length], "gzip", "br"}}]}
    bodies                      offsets count from here

A compressed body is there only where it saves at least a tenth. The same files give the same pack, byte for byte.
"""

import gzip
import hashlib
import json
import os
import sys
from pathlib import Path

import brotli

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


def media_type(path: Path) -> str:
    """The content type; an unknown ending is a mistake in the build, not a guess."""
    try:
        return TYPES[path.suffix]
    except KeyError:
        sys.exit(f"pack: {path} has an ending that the server has no content type for")


def bodies(content: bytes) -> dict[str, bytes]:
    """The content as it is, and compressed where that is worth the decompression."""
    compressed = {
        "gzip": gzip.compress(content, 9, mtime=0),
        "br": brotli.compress(content, quality=11),
    }
    worthwhile = {name: body for name, body in compressed.items() if len(body) * 10 <= len(content) * 9}
    return {"identity": content, **worthwhile}


def pack(folder: Path) -> bytes:
    files, blob = [], bytearray()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        places = {}
        for name, body in bodies(content).items():
            places[name] = [len(blob), len(body)]
            blob += body
        files.append(
            {
                "path": path.relative_to(folder).as_posix(),
                "type": media_type(path),
                "sha256": hashlib.sha256(content).hexdigest(),
                "bodies": places,
            }
        )
    if not any(file["path"] == "index.html" for file in files):
        sys.exit(f"pack: {folder} has no index.html")
    index = json.dumps({"files": files}, separators=(",", ":")).encode()
    return b"BATWEB1\n" + len(index).to_bytes(4, "little") + index + bytes(blob)


def write(packed: bytes, target: Path) -> None:
    """Leaves a pack that is the same alone, so that nothing is compiled again for it."""
    is_new = not target.exists()
    if not is_new and target.read_bytes() == packed:
        return
    beside = target.with_name(target.name + ".tmp")
    beside.write_bytes(packed)
    beside.replace(target)
    if is_new:
        for source in target.parent.glob("*.c"):
            os.utime(source)


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: web/pack.py FOLDER PACK")
    folder, target = Path(sys.argv[1]), Path(sys.argv[2])
    packed = pack(folder)
    write(packed, target)
    print(f"pack: {target}, {len(packed) // 1024} KiB")


main()

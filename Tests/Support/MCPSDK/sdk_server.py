"""A server made with the public Python SDK, whichever version is installed: over its pipes, or over HTTP with `--http` (it then prints its port)."""

import socket
import sys

try:
    from mcp.server.mcpserver import Context, MCPServer as Server  # 2.x
except ImportError:
    from mcp.server.fastmcp import Context, FastMCP as Server  # 1.x

from mcp.types import ToolAnnotations

server = Server("sdk")


@server.tool(annotations=ToolAnnotations(readOnlyHint=True))
def add(a: int, b: int) -> int:
    """Adds two numbers."""
    return a + b


@server.tool()
def campaign(name: str) -> dict:
    """Gives one campaign."""
    return {"name": name, "spend": 12.5}


@server.tool()
def refuse() -> str:
    """Refuses."""
    raise ValueError("no such campaign")


@server.tool()
async def grow(context: Context) -> str:
    """Gives the server another tool, and tells of it."""
    server.add_tool(lambda: "more", name="more", description="More.")
    if hasattr(context, "notify_tools_changed"):
        await context.notify_tools_changed()
    else:
        await context.session.send_tool_list_changed()
    return "grown"


def serve_http() -> None:
    import uvicorn

    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    # Whoever reads the port may connect at once, and waits until the server is there.
    door.listen(128)
    print(door.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="warning")).run(sockets=[door])


if "--http" in sys.argv:
    serve_http()
else:
    server.run("stdio")

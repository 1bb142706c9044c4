"""The Model Context Protocol: clients that ask a server by HTTP or start one, and what servers offer.

Shapes of mcp 1.x and fastmcp 2.x, as their documentation has them. A client of ``mcp`` asks where its streams are
opened; the sessions over them are not told apart from these.
"""

from __future__ import annotations

from quantafit.evidence.source.libraries.asking import ask, does, listens, plain
from quantafit.evidence.source.libraries.vocabulary import Arg, Call, Effect, Fixed, Inside, Kept, Library, Type

_SERVER, _CLIENT, _SESSION, _GROUP = "fastmcp.FastMCP", "fastmcp.Client", "mcp.ClientSession", "mcp.ClientSessionGroup"
_COMMAND = "mcp.StdioServerParameters"
# fmt: off
_ASKS = (
    "call_tool", "list_tools", "read_resource", "list_resources", "list_resource_templates", "get_prompt",
    "list_prompts", "complete", "ping",
)
_OFFERS = (
    "tool", "resource", "prompt", "custom_route", "list_tools", "call_tool", "list_resources", "read_resource",
    "list_prompts", "get_prompt", "completion",
)
# fmt: on

MCP = Library(
    distribution="mcp",
    modules=("mcp", "fastmcp"),
    calls={
        **{
            f"mcp.client.{name}": ask(Arg(0, "url"), Fixed("post"), "mcp.Streams")
            for name in (
                "streamable_http.streamablehttp_client",
                "streamable_http.streamable_http_client",
                "sse.sse_client",
            )
        },
        "mcp.client.websocket.websocket_client": ask(Arg(0, "url"), Fixed("get"), "mcp.Streams", "websocket"),
        _COMMAND: Call(returns=_COMMAND, keeps={"command": Arg(None, "command")}),
        "mcp.client.stdio.stdio_client": Call(
            returns="mcp.Streams",
            effects=(Effect("request", "shell", {"command": Inside(Arg(0, "server"), "command")}),),
        ),
        _SESSION: Call(returns=_SESSION),
        **plain(_SESSION, (*_ASKS, "initialize", "send_ping", "set_logging_level", "send_progress_notification")),
        _GROUP: Call(returns=_GROUP),
        _CLIENT: Call(returns=_CLIENT, keeps={"host": Arg(0, "transport")}),
        **{
            f"{_CLIENT}.{name}": Call(effects=(does("request", "http", location=Kept("host")),))
            for name in (*_ASKS, "call_tool_mcp", "list_tools_mcp")
        },
        **plain(_CLIENT, ("is_connected", "close", "initialize")),
        _SERVER: Call(returns=_SERVER),
        **{f"{_SERVER}.{name}": Call(decorates=True) for name in _OFFERS},
        f"{_SERVER}.add_tool": Call(roots=(Arg(0, "fn"),)),
        **{f"{_SERVER}.{name}": listens(Arg(None, "port")) for name in ("run", "run_async", "run_http_async")},
    },
    types={
        "mcp.Streams": Type(),
        _COMMAND: Type(),
        _SESSION: Type(client=True),
        _GROUP: Type(client=True),
        _CLIENT: Type(client=True),
        _SERVER: Type(),
    },
    aliases={
        "mcp.client.session.ClientSession": _SESSION,
        "mcp.client.session_group.ClientSessionGroup": _GROUP,
        "mcp.client.stdio.StdioServerParameters": _COMMAND,
        "mcp.stdio_client": "mcp.client.stdio.stdio_client",
        "mcp.server.fastmcp.FastMCP": _SERVER,
        "mcp.server.Server": _SERVER,
        "mcp.server.lowlevel.Server": _SERVER,
        "mcp.server.lowlevel.server.Server": _SERVER,
        "fastmcp.client.Client": _CLIENT,
        "fastmcp.server.FastMCP": _SERVER,
    },
)

LIBRARIES = (MCP,)

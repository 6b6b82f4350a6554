"""The protocol's own client beside `python -m mentor.integrations.mcp`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

SOURCE = '''
def add(a: int, b: int) -> int:
    """Adds."""
    return a + b
'''


async def main() -> None:
    """Calls a tool of a source, and runs code whose variables go on."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tools.py"
        file.write_text(SOURCE)
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "mentor.integrations.mcp", str(file)]
        )
        async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            assert [tool.name for tool in (await session.list_tools()).tools] == ["run_python", "add"]
            texts = []
            for name, arguments in [("add", {"a": 2, "b": 3}), ("run_python", {"code": "x = 1"})]:
                texts.append((await session.call_tool(name, arguments)).content[0].text)
            texts.append((await session.call_tool("run_python", {"code": "x + 1"})).content[0].text)
    assert texts == ["5", "", "2"], texts
    print(texts)


asyncio.run(main())

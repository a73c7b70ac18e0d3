"""forwarder.py PORT:HOST:PORT…: from ports of 127.0.0.1 to addresses in the node's network."""

import asyncio
import contextlib
import sys


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copies one way until its end, and passes the end on."""
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()


async def serve(way: str) -> asyncio.Server:
    port, host, target = way.split(":")

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, back = await asyncio.wait_for(asyncio.open_connection(host, int(target)), 5)
        except (OSError, asyncio.TimeoutError):
            writer.close()
            return
        try:
            await asyncio.gather(pump(reader, back), pump(there, writer))
        finally:
            writer.close()
            back.close()

    return await asyncio.start_server(connected, "127.0.0.1", int(port))


async def main() -> None:
    servers = [await serve(way) for way in sys.argv[1:]]
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())

"""A server on Python's asyncio that works in each way that detect tells apart.

Settings come from the environment: PORT, THREADS (of the executor).
"""

import asyncio
import os
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

executor = ThreadPoolExecutor(int(os.environ.get("THREADS", "4")))


def burn(ms):
    until = time.perf_counter() + ms / 1000
    while time.perf_counter() < until:
        pass


async def work(path, ms, n):
    loop = asyncio.get_running_loop()
    if path == "/block":
        burn(ms)
    elif path == "/chunk":
        for _ in range(int(n)):
            burn(ms)
            await asyncio.sleep(0)
    elif path == "/executor":
        await loop.run_in_executor(executor, time.sleep, ms / 1000)
    elif path == "/wait":
        await asyncio.sleep(ms / 1000)
    elif path != "/ok":
        return "404 Not Found"
    return "200 OK"


async def serve(reader, writer):
    try:
        while line := await reader.readline():
            while (await reader.readline()).strip():
                pass
            url = urlsplit(line.split()[1].decode())
            query = parse_qs(url.query)
            status = await work(url.path, float(query.get("ms", ["0"])[0]), float(query.get("n", ["0"])[0]))
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 5\r\n\r\ndone\n".encode())
            await writer.drain()
    except (ConnectionError, IndexError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(os.environ["PORT"]), backlog=256)
    async with server:
        await server.serve_forever()


asyncio.run(main())

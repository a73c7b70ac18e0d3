"""produce.py PEER fill COUNT FILE: enqueues jobs that do nothing, of which the first and the last say in FILE when they began.
produce.py PEER trickle COUNT FILE: one at a time, each when the last has begun and a random moment has passed."""

import asyncio
import importlib
import json
import pathlib
import random
import sys
import time


async def main() -> None:
    peer, mode, count, path = sys.argv[1], sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4])
    enqueue = importlib.import_module(f"{peer}_peer").enqueue
    path.touch()
    began, cpu = time.monotonic(), time.process_time()
    if mode == "fill":
        await enqueue([(0, str(path) if place in (0, count - 1) else "") for place in range(count)])
    else:
        for number in range(1, count + 1):
            await asyncio.sleep(random.uniform(0.015, 0.04))
            await enqueue([(time.time_ns(), str(path))])
            end = time.monotonic() + 20
            while path.read_text().count("\n") < number and time.monotonic() < end:
                await asyncio.sleep(0.002)
    seconds = time.monotonic() - began
    print(json.dumps({"per_second": count / seconds, "cpu_us": (time.process_time() - cpu) * 1e6 / count}))


asyncio.run(main())

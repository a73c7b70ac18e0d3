import asyncio
import os
import sys

from bullmq import Queue, Worker
from work import work

queue = Queue("bench", {"connection": os.environ["REDIS_URL"]})


async def enqueue(jobs: list[tuple[int, str]]) -> None:
    for start in range(0, len(jobs), 100):
        chunk = jobs[start : start + 100]
        await queue.addBulk([{"name": "job", "data": {"sent": sent, "path": path}, "opts": {}} for sent, path in chunk])


async def process(job, _token) -> None:
    work(job.data["sent"], job.data["path"])


async def serve() -> None:
    Worker("bench", process, {"connection": os.environ["REDIS_URL"], "concurrency": 16})
    await asyncio.Event().wait()


WORKER = [sys.executable, "bullmq_peer.py"]

if __name__ == "__main__":
    asyncio.run(serve())

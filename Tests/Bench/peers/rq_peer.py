import os

from redis import Redis
from rq import Queue
from work import work

queue = Queue(connection=Redis.from_url(os.environ["REDIS_URL"]))


async def enqueue(jobs: list[tuple[int, str]]) -> None:
    for sent, path in jobs:
        queue.enqueue(work, sent, path)


WORKER = ["rq", "worker", "--quiet", "--url", os.environ["REDIS_URL"]]

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from work import work

dramatiq.set_broker(RedisBroker(url=os.environ["REDIS_URL"]))
job = dramatiq.actor(work, actor_name="job")


async def enqueue(jobs: list[tuple[int, str]]) -> None:
    for sent, path in jobs:
        job.send(sent, path)


WORKER = ["dramatiq", "dramatiq_peer", "--processes", "1"]

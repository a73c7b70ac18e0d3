import os

from celery import Celery
from work import work

app = Celery("bench", broker=os.environ["REDIS_URL"])
app.conf.task_ignore_result = True
job = app.task(work, name="job")


async def enqueue(jobs: list[tuple[int, str]]) -> None:
    for sent, path in jobs:
        job.delay(sent, path)


WORKER = ["celery", "-A", "celery_peer", "worker", "--loglevel", "ERROR"]

"""GET one, GET a page, POST with FastAPI, asyncpg and redis-py; run by uvicorn with uvloop and httptools."""

import contextlib
import os
import pathlib
import re
import secrets
from typing import Literal

import asyncpg
import redis.asyncio
from fastapi import FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

COLUMNS = os.environ["COLUMNS_READ"]
CAMEL = {name: re.sub("_(.)", lambda match: match[1].upper(), name) for name in COLUMNS.split(",")}
COUNT = "INSERT INTO peer_usage AS u VALUES ($1, 1) ON CONFLICT (scope) DO UPDATE SET used = u.used + 1 WHERE u.used < 1000000 RETURNING used"


@contextlib.asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.redis = redis.asyncio.from_url(os.environ["REDIS_URL"])
    app.state.enqueue = app.state.redis.register_script((pathlib.Path(__file__).parent / "enqueue.lua").read_text())
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=4, max_size=16) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan)


class NewStore(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    engine: Literal["woocommerce", "medusa"]


def answer(row) -> dict:
    return {CAMEL[name]: value for name, value in row.items()}


@app.get("/api/stores/{store}")
async def one(store: str, x_user_id: str = Header()):
    row = await app.state.pool.fetchrow(
        f"SELECT {COLUMNS} FROM stores WHERE id = $1 AND owner = $2 AND deleted_at IS NULL", store, x_user_id
    )
    if row is None:
        raise HTTPException(404)
    return {"store": answer(row)}


@app.get("/api/stores")
async def page(limit: int, x_user_id: str = Header()):
    rows = await app.state.pool.fetch(
        f"SELECT {COLUMNS} FROM stores WHERE owner = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT $2", x_user_id, limit
    )
    return {"stores": [answer(row) for row in rows]}


@app.post("/api/stores", status_code=202)
async def create(body: NewStore, x_user_id: str = Header()):
    store, namespace = secrets.token_hex(6), f"store-{body.name}"
    async with app.state.pool.acquire() as connection, connection.transaction():
        for scope in ("total", f"user:{x_user_id}"):
            if await connection.fetchval(COUNT, scope) is None:
                raise HTTPException(409, "the quota is used up")
        await connection.execute(
            "INSERT INTO peer_stores (id, name, engine, status, namespace, owner) VALUES ($1, $2, $3, 'provisioning', $4, $5)",
            store, body.name, body.engine, namespace, x_user_id,
        )
        job = await connection.fetchval("INSERT INTO peer_jobs (store_id, kind) VALUES ($1, 'provision') RETURNING id", store)
    await app.state.enqueue(keys=[f"peer:job:{job}", "peer:queue"], args=[job, store, namespace])
    made = {"id": store, "name": body.name, "engine": body.engine, "status": "provisioning", "namespace": namespace, "userId": x_user_id}
    return {"store": made, "job": job}

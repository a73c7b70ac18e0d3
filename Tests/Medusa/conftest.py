import itertools
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest
from medusa import APP, Store
from servers import ROOT, Server


@pytest.fixture(scope="session")
def folder():
    """Below /tmp, where the users postgres and 1000 get in."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="sw-medusa-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(folder):
    it = Server("postgres", folder / "postgres")
    yield it
    it.stop()


@pytest.fixture(scope="session")
def seed(folder, postgres, redis):
    """What the image's build says when it makes the seed, of an empty database without one."""
    (APP / "seed.sql").unlink(missing_ok=True)
    store = Store(folder / "seed", postgres, redis, "seed")
    done = subprocess.run(
        [ROOT / "docker/medusa-backend/build/seed", APP / "seed.sql"], cwd=APP, env={**os.environ, **store.environment}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    (APP / "seed.sql").chmod(0o644)
    return done.stdout


@pytest.fixture(scope="session")
def redis(folder):
    it = Server("redis", folder / "redis")
    yield it
    it.stop()


@pytest.fixture(scope="session")
def made(folder, postgres, seed):
    """Makes stores, each with a database and a Redis of its own; all are ended with the run."""
    servers, numbers = [], itertools.count(1)

    def make(app: pathlib.Path = APP) -> Store:
        number = next(numbers)
        servers.append(Server("redis", folder / f"redis{number}"))
        stores.append(Store(folder / f"store{number}", postgres, servers[-1], f"store{number}", app))
        return stores[-1]

    stores: list[Store] = []
    yield make
    for store in stores:
        store.__exit__()
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def store(made):
    """One that is set up and serves, for tests that leave it serving."""
    it = made()
    it.setup()
    return it.start()

"""A further API, on a port of its own, beside the ones that scripts/up started."""

import contextlib
import subprocess
import tempfile

from asking import ask
from polling import until
from ports import free_port


def servers_of(stack) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL of the stack, and BIN: the folder of its programs."""
    script = 'for part in common processes servers stack; do . scripts/lib/$part.sh; done; load_stack; printf "%s\\n" "$DATABASE_URL" "$REDIS_URL" "$BIN"'
    answer = subprocess.run(["bash", "-euc", script], env=stack.environment, capture_output=True, text=True, check=True)
    return dict(zip(("DATABASE_URL", "REDIS_URL", "BIN"), answer.stdout.splitlines(), strict=True))


@contextlib.contextmanager
def replica(stack, **settings: str):
    """(its port, its process); it ends with the block, in order, unless the test has ended it."""
    port, servers = free_port(), servers_of(stack)
    environment = stack.environment | servers | {"HOST": "127.0.0.1", "PORT": str(port)} | settings
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        program = subprocess.Popen([servers["BIN"] + "/store-api"], env=environment, stdout=log, stderr=log)

        def answers() -> bool:
            with contextlib.suppress(OSError):
                return ask(f"http://127.0.0.1:{port}/livez", timeout=2).status == 200
            return False

        def said() -> str:
            log.seek(0)
            return log.read()[-3000:]

        try:
            until(answers, "the second API", ended=lambda: program.poll() is not None, said=said)
            yield port, program
        finally:
            program.terminate()
            assert program.wait(30) == 0, said()

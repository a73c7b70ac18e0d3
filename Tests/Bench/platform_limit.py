"""PostgreSQL's own bound: pgbench claims and settles jobs with the statements that a worker sends, a transaction each."""

import re
import subprocess

from measuring import Servers

SCRIPT = r"""
\set n :n + 1
\set job :first + :client_id * :each + :n
SELECT (c.job).fence AS fence, (c.store).namespace AS namespace FROM claim_job(:job, 'pgbench', 'attempt', 12, 1000000, 1000000) c \gset
SELECT result FROM settle_job(:job, :namespace, :fence, 'attempt', 'ready', 'http://localhost', NULL, NULL, false, 0, NULL);
"""


class PgBench:
    """Takes `count` queued jobs at each measurement, the oldest that there are."""

    CLIENTS = 16

    def __init__(self, servers: Servers, count: int) -> None:
        self.servers, self.each = servers, count // self.CLIENTS
        self.script = servers.folder / "pgbench.sql"
        self.script.write_text(SCRIPT)

    def measure(self) -> dict[str, float]:
        first = self.servers.sql("SELECT min(id) - 1 FROM jobs WHERE state = 'queued'")[0][0]
        before = self.servers.postgres_cpu()
        done = subprocess.run(
            [
                "pgbench", "--no-vacuum", "--protocol", "prepared", "--client", str(self.CLIENTS), "--jobs", "2",
                "--transactions", str(self.each), "-D", "n=0", "-D", f"first={first}", "-D", f"each={self.each}",
                "--file", str(self.script), self.servers.database_url,
            ],
            check=True, stdout=subprocess.PIPE, text=True,
        ).stdout
        jobs = self.each * self.CLIENTS
        cpu = self.servers.postgres_cpu() - before
        succeeded = self.servers.sql("SELECT count(*) FROM jobs WHERE id > %s AND id <= %s AND state = 'succeeded'", first, first + jobs)
        assert succeeded[0][0] == jobs, done
        return {"drain_per_second": float(re.search(r"tps = ([\d.]+)", done)[1]), "drain_total_us": cpu * 1e6 / jobs}

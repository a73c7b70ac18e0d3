"""The storefront's container before a store: its own configuration and start in this machine's nginx, on a port of its own."""

import os
import pathlib
import signal
import subprocess

from medusa import until
from ports import free_port
from servers import ROOT

IMAGE = ROOT / "docker/medusa-storefront"


class Front:
    def __init__(self, folder: pathlib.Path, medusa: str):
        """`medusa`: host and port."""
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
        self.port = free_port()

        def placed(text: str) -> str:
            return text.replace("/srv/site", str(IMAGE / "site")).replace("/tmp", str(folder)).replace(":8080", f":{self.port}").replace(" 8080", f" {self.port}")

        (folder / "nginx.conf").write_text(placed((IMAGE / "nginx.conf").read_text()))
        start = folder / "storefront-serve"
        start.write_text(placed((IMAGE / "bin/storefront-serve").read_text()).replace("exec nginx", f"exec nginx -c {folder}/nginx.conf"))
        start.chmod(0o755)
        # Debian's is in /usr/sbin, which not everybody's PATH has.
        environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin", "MEDUSA_SERVICE": medusa}
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(["/bin/sh", start], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self.is_up, "nginx")

    def is_up(self) -> bool:
        from shopper import Shopper

        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return Shopper(self.port).ask("/-/live").status == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=60)

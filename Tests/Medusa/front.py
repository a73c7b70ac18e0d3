"""The storefront's container before a store: its own configuration and start in this machine's nginx, on a port of its own."""

import os
import pathlib
import signal
import subprocess

from polling import until
from ports import free_port
from servers import ROOT
from shopper import Shopper

IMAGE = ROOT / "docker/medusa-storefront"


class Front:
    def __init__(self, folder: pathlib.Path, medusa: str):
        """`medusa`: host and port."""
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
        self.folder, self.medusa, self.port = folder, medusa, free_port()

        def placed(text: str) -> str:
            return text.replace("/srv/site", str(IMAGE / "site")).replace("/tmp", str(folder)).replace(":8080", f":{self.port}").replace(" 8080", f" {self.port}")

        (folder / "nginx.conf").write_text(placed((IMAGE / "nginx.conf").read_text()))
        start = folder / "storefront-serve"
        start.write_text(placed((IMAGE / "bin/storefront-serve").read_text()).replace("exec nginx", f"exec nginx -c {folder}/nginx.conf"))
        start.chmod(0o755)
        self.log = folder / "log"
        self.start(medusa)

    def start(self, medusa: str) -> None:
        # Debian's is in /usr/sbin, which not everybody's PATH has.
        environment = {"PATH": f"{os.environ['PATH']}:/usr/sbin", "MEDUSA_SERVICE": medusa}
        with self.log.open("w") as log:
            self.process = subprocess.Popen(["/bin/sh", self.folder / "storefront-serve"], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until(self.is_up, "nginx")

    def lead_to(self, medusa: str) -> None:
        self.stop()
        self.start(medusa)

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return Shopper(self.port).ask("/-/live").status == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=60)

"""Later versions of WooCommerce's chart, as HELM_CHART_ARCHIVE has them. PYTHONPATH has this folder: scripts/lib/tools.sh."""

import pathlib
import re
import shutil

from charts import WOOCOMMERCE


def archive_in(folder: pathlib.Path, **versions: dict[str, str]) -> pathlib.Path:
    """A folder of charts that are today's but for their version, and for what is replaced in the one file that has it; `v99_0_0={}` is version 99.0.0."""
    for name, edits in versions.items():
        version = name.removeprefix("v").replace("_", ".")
        chart = folder / "woocommerce" / version
        shutil.copytree(WOOCOMMERCE.path, chart)
        for old, new in {**edits, re.search(r"(?m)^version: .*", (chart / "Chart.yaml").read_text())[0]: f"version: {version}"}.items():
            (file,) = (it for it in chart.rglob("*") if it.suffix in (".yaml", ".tpl") and old in it.read_text())
            file.write_text(file.read_text().replace(old, new))
    folder.chmod(0o755)
    return folder

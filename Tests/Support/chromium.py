"""The browser that suites look at pages with."""

import contextlib
import os
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

# Root may not use Chromium's sandbox; in a container its shared memory is small.
FLAGS = ["--no-sandbox", "--disable-dev-shm-usage"]


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["BROWSER_PATH"], args=FLAGS)
        yield browser
        browser.close()

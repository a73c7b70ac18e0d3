"""Every command of docs/runbook.md is run on a live stack in which a job is stuck, and prints what the page says."""

import dataclasses
import itertools
import os
import re
import shlex
import subprocess

import pytest
from polling import until
from stack import ROOT

PAGE = ROOT / "docs" / "runbook.md"

# redis-cli answers a script without numbers and quotes, unless it is told to be as at a prompt. A Redis of one's own needs a password.
PROMPT = """
redis-cli() {
    case $1 in --raw) shift; set -- --raw "$@" ;; *) set -- --no-raw "$@" ;; esac
    command redis-cli -u "$REDIS_URL" --no-auth-warning "$@"
}
"""


@dataclasses.dataclass
class Command:
    text: str
    expected: list[str]
    line: int


def commands_of(page: str) -> list[Command]:
    """The commands after a `$` in blocks marked `console`, each with the lines that follow it there."""
    found, inside = [], False
    for number, line in enumerate(page.splitlines(), 1):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            found.append(Command(line[2:], [], number))
        elif inside:
            found[-1].expected.append(line)
    return found


def plain(line: str, host: str) -> str:
    """The line without what differs from run to run: names of hosts, times, ids, paths, numbers, the width of columns."""
    line = line.replace(f"{host}-", "vm-")
    line = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "TIME", line)
    line = re.sub(r"\b[0-9a-f]{16,32}\b", "HEX", line)
    line = re.sub(r"\b[a-f][0-9a-f]{11}\b", "STORE", line)
    line = re.sub(r"/\S+/helm-guard", "/PATH/helm-guard", line)
    # An attempt tells of the image that it saw first, with the kubelet's word at that moment.
    line = re.sub(r"image \S+ of container \S+ of pod \S+ cannot", "image IMAGE cannot", line)
    line = line.replace("ImagePullBackOff", "ErrImagePull")
    line = re.sub(r"\d+", "N", line)
    return re.sub(r" +", " ", line).strip()


def differences(expected: list[str], printed: list[str], host: str) -> str | None:
    """What does not fit; a line `…` stands for any number of lines, one that ends so for any end."""
    pattern = []
    for line in expected:
        if line.strip() == "…":
            pattern.append(r"(?:.*\n)*?")
        elif line.endswith("…"):
            pattern.append(re.escape(plain(line[:-1], host)) + r".*\n")
        else:
            pattern.append(re.escape(plain(line, host)) + r"\n")
    text = "".join(plain(line, host) + "\n" for line in printed)
    if re.fullmatch("".join(pattern), text):
        return None
    return "the page says:\n" + "\n".join(expected) + "\nbut it prints:\n" + "\n".join(printed)


COMMANDS = commands_of(PAGE.read_text())
# What is shown for the reader to adapt.
EXAMPLES = re.findall(r"^ {4,}(storectl .+)$", PAGE.read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def shell(stack, storectl):
    """Runs a command as the page has it, while the image of a store cannot be pulled."""
    until(lambda: storectl("queue", "--json").json["living"] == [], "the queue to be empty")
    # What another test left for a moment may have been seen; workers look once a minute.
    until(lambda: storectl("orphans", "list", "--json").json == [], "orphans to be forgotten")
    with stack.fault("store-stuck-store", "imagePullFailure"), stack.live_store("Stuck Store", user="ada") as store:
        until(lambda: "cannot be pulled" in storectl("stores", "logs", store["id"]).out, "the build log to tell of the image")
        job = storectl("jobs", "list", "--state", "running", "--json").json[0]
        # Every worker tells how busy it is within ten seconds.
        until(lambda: sum(worker["busy"] for worker in storectl("workers", "--json").json) == 1, "the worker's report")
        environment = os.environ | storectl.settings | {
            "JOB": str(job["id"]), "STORE": store["id"], "WORKER": job["worker"], "PATH": f"{storectl.program.parent}:{os.environ['PATH']}",
        }

        def run(command: str) -> list[str]:
            done = subprocess.run(
                ["bash", "-c", PROMPT + command], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                timeout=60, check=False,
            )
            return done.stdout.splitlines()

        yield run


def test_the_page_was_read():
    assert len(COMMANDS) > 20 and all(command.text.startswith(("storectl ", "redis-cli ")) for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=[f"line {command.line}" for command in COMMANDS])
def test_a_command_prints_what_the_page_says(shell, command):
    complaint = differences(command.expected, shell(command.text), os.uname().nodename)
    assert complaint is None, f"{PAGE.name}:{command.line}: {command.text}\n{complaint}"


@pytest.mark.parametrize("example", EXAMPLES)
def test_storectl_has_the_command_and_the_options_of_an_example(storectl, example):
    words = shlex.split(example)[1:]
    told = storectl(*itertools.takewhile(str.isalpha, words), "--help").out
    assert [word for word in words if word.startswith("--") and f"  {word} " not in told] == []


def test_another_output_is_noticed():
    assert differences(["Job 3 runs"], ["Job 4 runs"], "h") is None
    assert differences(["Job 3 runs"], ["Job 3 ran"], "h")
    assert differences(["a", "…", "z"], ["a", "b", "c", "z"], "h") is None
    assert differences(["a", "…", "z"], ["a", "b", "c"], "h")
    assert differences(["a"], ["a", "b"], "h")

import pytest
from chart_archive import archive_in
from dns_server import dns_server
from mailbox_server import mailboxes
from stack import running


def pytest_collection_modifyitems(items):
    """The tests of the scripts end the stack that all the others use."""
    items.sort(key=lambda item: item.path.name == "test_scripts.py")


@pytest.fixture(scope="session")
def dns():
    """The records of the DNS that the workers ask."""
    with dns_server() as records:
        yield records


@pytest.fixture(scope="session")
def mail():
    with mailboxes() as server:
        yield server


@pytest.fixture(scope="session")
def stack(request, tmp_path_factory, dns, mail):
    # A later version of the chart, one whose pods find no Secret, and one whose pods find it where a test has put it.
    named = "existingSecret: wordpress-secret"
    charts = archive_in(tmp_path_factory.mktemp("charts"), v99_0_0={}, v99_1_0={named: "existingSecret: is-not-there"}, v99_2_0={named: "existingSecret: later-secret"})
    domains = {"DNS_SERVERS": f"127.0.0.1:{dns.port}", "DOMAINS_AT_PRIVATE_ADDRESSES": "true", "RESERVED_DOMAINS": "weaver.example.org"}
    # The tests' webhooks are on this machine.
    webhooks = {"WEBHOOK_HTTP": "true", "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8"}
    letters = {"DASHBOARD_URL": "https://weaver.example", **mail.settings}
    # One plan is kept otherwise than the others.
    with running(request, HELM_CHART_ARCHIVE=str(charts), BACKUP_KEEP="3d medium=1d", **domains, **webhooks, **letters) as stack:
        yield stack

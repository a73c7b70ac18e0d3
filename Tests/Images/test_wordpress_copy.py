"""A store's database under another address, as a copy, a rename and a restore leave it; and what a staging copy keeps to itself."""

import contextlib
import json
import re

import pytest
from containers import Container, podman
from pods import Secrets
from waiting import until
from wordpress import FOLDER, dump, get, log_in, make_pod, needs_woocommerce, query, serve, set_up, steps, value_of

OLD, NEW = "http://acme.localhost:8080", "http://copy-of-acme.localhost:8080"


def php(value) -> str:
    """A value as PHP serialises it; a pair (class, members) is an object."""
    if value is None:
        return "N;"
    if isinstance(value, bool):
        return f"b:{int(value)};"
    if isinstance(value, int):
        return f"i:{value};"
    if isinstance(value, float):
        return f"d:{value};"
    if isinstance(value, str):
        return f's:{len(value.encode())}:"{value}";'
    if isinstance(value, tuple):
        return f'O:{len(value[0])}:"{value[0]}":{members(value[1])}'
    return "a:" + members(value if isinstance(value, dict) else dict(enumerate(value)))


def members(them: dict) -> str:
    return f"{len(them)}:{{{''.join(php(key) + php(value) for key, value in them.items())}}}"


def nested(url: str):
    """Everything that PHP serialises, with an address at each depth."""
    text = f"Größe 名前 🛒 {url}/a and {url}"
    return {
        "text": text, "number": 7, "half": 1.5, "yes": True, "none": None, url + "/key": [text, [text, {"x": text}]],
        "object": ("Some\\Plugin\\Thing", {"\0*\0held": text, "own": ("stdClass", {"url": url + "/"})}),
        "json": json.dumps({"url": url, "deep": json.dumps([url])}), "again": php({"url": text}), "twice": php(php([url])),
    }


def plain(url: str) -> dict:
    """Without the object, whose class is in no plugin, and whose members' names have zero bytes."""
    return {key: value for key, value in nested(url).items() if key != "object"}


TEXTS = {
    "an address at the end of a sentence": ("See {}. Or {}/x?", True),
    "with no path, one, a query, an anchor": ("{} {}/p {}?a=b {}#c", True),
    "in HTML": ('<a href="{}/p"><img src=\'{}/i.png\'>', True),
    "an older one that was found": ("{}/x", True),
    "another port": ("http://acme.localhost:80801/ http://acme.localhost/", False),
    "a longer host": ("http://acme.localhost.example.com http://my-acme.localhost:8080 http://acme.localhost-x", False),
    "an address of mail": ("wordpress@acme.localhost", False),
    "serialised data with a wrong length": ('a:1:{{s:3:"url";s:5:"{}";}}', True),
    "what only looks like it": ('s:5:"{}', True),
}


@pytest.fixture(scope="module")
def rewritten(image, folder):
    """What becomes of values."""
    def run(values: list, old=OLD, new=NEW) -> list:
        given = folder / "given.json"
        given.write_text(json.dumps(values))
        given.chmod(0o644)
        code = f"""require '/setup/addresses.php'; $it = new Addresses({json.dumps(old)}, {json.dumps(new)});
            echo json_encode(array_map(static fn ($value) => $it->in($value), json_decode(file_get_contents('/given.json'))), JSON_THROW_ON_ERROR);"""
        with Container(image, "php", "-r", code, options=["--volume", f"{FOLDER}/setup:/setup:ro", "--volume", f"{given}:/given.json:ro"]) as it:
            assert it.wait() == 0, it.logs()
            return json.loads(it.logs().splitlines()[-1])
    return run


def test_serialised_data_has_the_new_address_at_every_depth_and_its_lengths(rewritten):
    assert rewritten([php(nested(OLD)), json.dumps(nested(OLD)["text"])]) == [php(nested(NEW)), json.dumps(nested(NEW)["text"])]


def test_references_cases_and_own_formats_stay(rewritten):
    fixed = 'a:4:{i:0;R:2;i:1;E:11:"Suit:Hearts";i:2;C:5:"Thing":7:{x;y;{z}}i:3;s:%d:"%s";}'
    before, after = (fixed % (len(url), url) for url in (OLD, NEW))
    assert rewritten([before]) == [after]


@pytest.mark.parametrize("text", TEXTS)
def test_addresses_in_text(rewritten, text):
    pattern, changes = TEXTS[text]
    assert rewritten([pattern.format(*[OLD] * 4)]) == [pattern.format(*[NEW if changes else OLD] * 4)]


def test_slashes_may_be_escaped_encoded_or_without_a_scheme(rewritten):
    def forms(scheme, authority):
        escaped = "\\/\\/", "\\\\\\/\\\\\\/"
        return [f"{scheme}:{slashes}{authority}" for slashes in escaped] + [
            f"//{authority}/x", f"{scheme}%3A%2F%2F{authority.replace(':', '%3A')}%2Fx", f"{scheme}://{authority}"]
    assert rewritten(forms("http", "acme.localhost:8080")) == forms("http", "copy-of-acme.localhost:8080")
    assert rewritten([*forms("http", "acme.example.com"), *forms("HTTPS", "ACME.example.com")], "http://acme.example.com", "https://b.example.com") == \
        forms("https", "b.example.com") * 2


def test_an_address_that_holds_the_old_one_is_written_once(rewritten):
    longer = "http://acme.localhost:8080", "http://my.acme.localhost:8080"
    once = rewritten([f"{longer[0]}/x"], *longer)
    assert once == [f"{longer[1]}/x"] == rewritten(once, *longer)
    assert rewritten(rewritten([OLD], OLD, OLD + "0"), OLD, OLD + "0") == [OLD + "0"]


@pytest.fixture(scope="module")
def copy(image, folder, secret, database):
    """The pod of a copy: another address, secrets of its own but for the database's, and a revision above the source's."""
    own = Secrets({key: text for key, text in secret.items() if key[0] == "mysql-secret"})
    place = folder / "copy"
    place.mkdir(mode=0o755)
    return make_pod(image, place, own, host="copy-of-acme.localhost", adminRevision=1, staging=True, storeName="Copy")


CONTENT = f"""SET NAMES utf8mb4; USE wordpress;
    INSERT INTO wp_users (user_login, user_email, user_pass) VALUES ('boss', 'boss@example.com', 'x');
    INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (LAST_INSERT_ID(), 'wp_capabilities', '{php({"administrator": True})}');
    INSERT INTO wp_posts (post_title, post_content, post_excerpt, to_ping, pinged, post_content_filtered, post_type, post_status, guid, post_name)
        VALUES ('Addressed', '<a href="{OLD}/p">{OLD}</a>', '', '', '', '', 'page', 'publish', '{OLD}/?p=7', 'addressed');
    INSERT INTO wp_options (option_name, option_value) VALUES ('theirs', '%s'), ('theirs_json', '%s'), ('theirs_binary', 'a@acme.localhost');
    CREATE TABLE theirs (url TEXT); INSERT INTO theirs VALUES ('{OLD}/a'), ('{OLD}/a'), ('other');
    CREATE TABLE narrow (id INT PRIMARY KEY, url VARCHAR(30)); INSERT INTO narrow VALUES (1, '{OLD}/x')"""


def sql(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "''")


@pytest.fixture
def source(pod, database):
    """A whole store, with addresses in its content and a second administrator."""
    query(database, "DROP DATABASE wordpress; CREATE DATABASE wordpress CHARACTER SET utf8mb4")
    code, said = set_up(pod, database)
    assert code == 0, said
    query(database, CONTENT % (sql(php(plain(OLD))), sql(json.dumps({"url": OLD}).replace("/", "\\/"))))


def column(database, statement: str) -> list[str]:
    return query(database, statement).stdout.splitlines()[1:]


def bring_up(copy, database) -> str:
    code, said = set_up(copy, database)
    assert code == 0, said
    return said


def test_a_copy_has_its_own_address_and_password_and_all_its_people(pod, copy, database, source):
    people = column(database, "SELECT CONCAT(ID, user_login) FROM wordpress.wp_users ORDER BY ID")
    said = bring_up(copy, database)
    assert f"{OLD} is {NEW} now" in said and "skipped  1 rows" in said
    for option, value in (("theirs", php(plain(NEW))), ("theirs_json", json.dumps({"url": NEW}).replace("/", "\\/"))):
        assert column(database, f"SET NAMES utf8mb4; SELECT option_value = BINARY '{sql(value)}' FROM wordpress.wp_options WHERE option_name = '{option}'") == ["1"], option
    left = [line for line in dump(database).splitlines() if re.search(r"[/F]acme\.localhost", line)]
    assert all(line.startswith(("INSERT INTO `wp_posts`", "INSERT INTO `narrow`")) and len(re.findall(r"/acme\.localhost", line)) == 1 for line in left), left
    assert column(database, "SELECT guid FROM wordpress.wp_posts WHERE post_name = 'addressed'") == [f"{OLD}/?p=7"]
    assert column(database, "SELECT post_content FROM wordpress.wp_posts WHERE post_name = 'addressed'") == [f'<a href="{NEW}/p">{NEW}</a>']
    assert (value_of(database, "siteurl"), value_of(database, "store_weaver_url")) == (NEW, NEW)
    assert column(database, "SELECT url FROM wordpress.theirs") == [f"{NEW}/a", f"{NEW}/a", "other"]
    assert column(database, "SELECT CONCAT(ID, user_login) FROM wordpress.wp_users ORDER BY ID") == people
    assert value_of(database, "theirs_binary") == "a@acme.localhost"
    with served(copy, database) as it:
        assert [log_in(it, text, *HOST)[0] for text in (copy.secret("wordpress-secret", "admin-password"), pod.secret("wordpress-secret", "admin-password"))] == [302, 200]
        assert f'href="{NEW}/p"' in get(it, "/addressed/", *HOST)[1]
    before = dump(database)
    assert "done" not in steps(bring_up(copy, database)).values()
    assert dump(database) == before


HOST = ("-H", "Host: copy-of-acme.localhost:8080")


@contextlib.contextmanager
def served(pod, database):
    with serve(pod, database) as it:
        until(lambda: get(it, "/-/ready", check=False)[0] == 200, it)
        yield it


def test_a_store_from_before_it_noted_its_address_is_left_alone(pod, database, source):
    query(database, "DELETE FROM wordpress.wp_options WHERE option_name = 'store_weaver_url'")
    before = query(database, "CHECKSUM TABLE wordpress.wp_posts, wordpress.wp_postmeta, wordpress.wp_users, wordpress.theirs").stdout
    assert "done" not in steps(bring_up(pod, database)).values()
    assert value_of(database, "store_weaver_url") == OLD
    assert query(database, "CHECKSUM TABLE wordpress.wp_posts, wordpress.wp_postmeta, wordpress.wp_users, wordpress.theirs").stdout == before


def test_killed_in_the_middle_it_goes_on_at_the_next_start(copy, database, source):
    rows = 20_000
    query(database, f"""USE wordpress; INSERT INTO wp_postmeta (post_id, meta_key, meta_value)
        SELECT seq, 'many', CONCAT('{OLD}/', seq) FROM seq_1_to_{rows}""")

    def left() -> int:
        return int(column(database, f"SELECT COUNT(*) FROM wordpress.wp_postmeta WHERE meta_key = 'many' AND meta_value LIKE '{OLD}/%'")[0])
    with copy.start("setup", network=database) as step:
        until(lambda: left() < rows, step)
        podman("kill", "--signal", "KILL", step.id)
        step.wait()
    assert 0 < left() < rows and value_of(database, "store_weaver_url") == OLD
    bring_up(copy, database)
    assert left() == 0 and value_of(database, "store_weaver_url") == NEW


PROBE = """require '/srv/wordpress/wp-load.php';
    $told = ['sent' => wp_mail('a@example.com', 'x', 'y'), 'mailers' => did_action('phpmailer_init'), 'public' => get_option('blog_public'), 'type' => wp_get_environment_type()];
    if (class_exists('WC_Webhook')) {
        $hook = new WC_Webhook();
        $hook->set_topic('product.created'); $hook->set_status('active'); $hook->set_delivery_url('http://127.0.0.1:9/');
        add_action('woocommerce_webhook_process_delivery', static function () use (&$told) { $told['delivered'] = true; });
        $product = new WC_Product_Simple(); $product->set_name('Hook'); $product->save();
        $hook->process($product->get_id());
        $product->delete(true);
    }
    echo json_encode($told);"""


def test_a_staging_copy_sends_nothing_and_asks_not_to_be_found(pod, copy, database, sells, source):
    bring_up(copy, database)
    stored = value_of(database, "blog_public")
    with served(copy, database) as it:
        told = json.loads(it.execute("php", "-r", PROBE).stdout.splitlines()[-1])
        assert told == {"sent": True, "mailers": 0, "public": "0", "type": "staging"}
        page = get(it, "/", *HOST, "-i")[1]
        assert "noindex" in page.partition("<head>")[2] and "x-robots-tag: noindex, nofollow" in page.lower()
        assert "x-robots-tag: noindex, nofollow" in get(it, "/wp-includes/js/jquery/jquery.min.js", *HOST, "-i")[1].lower()
        cookies = str(copy.folder / "cookies")
        assert log_in(it, copy.secret("wordpress-secret", "admin-password"), *HOST, "-c", cookies)[0] == 302
        assert "This is a staging copy" in get(it, "/wp-admin/", *HOST, "-b", cookies)[1]
    assert value_of(database, "blog_public") == stored == "1"


def test_a_store_that_is_no_copy_calls_its_webhooks(pod, database, sells, source):
    needs_woocommerce(sells)
    with served(pod, database) as it:
        told = json.loads(it.execute("php", "-r", PROBE).stdout.splitlines()[-1])
        assert told["delivered"] and told["public"] == "1" and told["mailers"] == 1
        assert "x-robots-tag" not in get(it, "/", "-i")[1].lower()

<?php
// Loaded first by each step of the set-up. WordPress ends a page it cannot show with exit code 0, so a step has to say
// that it reached its end: without finished() its exit code is 70.

// What a database has in the place of a store's own before it is any store's.
const NOBODYS_URL = 'http://seed.invalid';
const NOBODYS_MAIL = 'nobody@seed.invalid';

$store_finished = false;
register_shutdown_function(static function (): void {
    if (!$GLOBALS['store_finished']) {
        fwrite(STDERR, 'setup: ' . basename($_SERVER['SCRIPT_FILENAME']) . " ended before its last line\n");
        exit(70);
    }
});

function finished(): void
{
    $GLOBALS['store_finished'] = true;
}

/** Ends the set-up with a reason. */
function refuse(string $reason): never
{
    fwrite(STDERR, "setup: $reason\n");
    $GLOBALS['store_finished'] = true;
    exit(1);
}

function step(string $what, bool $changed): void
{
    echo ($changed ? 'done     ' : 'kept     ') . $what . "\n";
}

function admin_secret(string $name): string
{
    $path = (getenv('ADMIN_SECRETS_DIR') ?: '/run/secrets/admin') . '/' . $name;
    $text = trim((string) @file_get_contents($path));
    return $text !== '' ? $text : refuse("$path is missing or empty");
}

/** What the chart says of the store: the object in store.json. */
function store_values(): array
{
    $file = getenv('STORE_FILE') ?: '/etc/store-weaver/store.json';
    $values = json_decode((string) @file_get_contents($file), true);
    return is_array($values) ? $values : refuse("$file is not a JSON object");
}

/** The plugins and themes that were baked into the image, as extensions.json names them. */
function extensions(string $type): array
{
    $all = json_decode((string) @file_get_contents('/usr/local/share/store-weaver/extensions.json'), true) ?: [];
    return array_values(array_filter($all, static fn (array $it): bool => $it['type'] === $type));
}

// WordPress asks for these of every request; DOING_CRON keeps WooCommerce from beginning a visitor's session.
$_SERVER['HTTP_HOST'] = (string) preg_replace('#^https?://#', '', (string) getenv('STORE_URL'));
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
if (basename($_SERVER['SCRIPT_FILENAME']) !== 'prove.php') {
    define('DOING_CRON', true);
}

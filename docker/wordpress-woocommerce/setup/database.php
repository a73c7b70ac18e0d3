<?php
// The set-up's own sight of the database, without WordPress: which state the store is in, and its marks.
//
// A new store: the table store_weaver_begun is made first, and goes when the option store_weaver_setup_version says that
// all is there. Begun and not finished: every table is dropped and the store begins again. Finished: nothing is dropped, ever.
const SETUP_VERSION = '2';
const BEGUN = 'store_weaver_begun';

function connect(): mysqli
{
    mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
    [$host, $port] = explode(':', getenv('WORDPRESS_DB_HOST') . ':3306');
    $password = trim((string) @file_get_contents(getenv('SECRETS_DIR') . '/mysql-password'));
    $db = mysqli_init();
    // To reach it, not to be let in: a try that went to a pod which has gone, or met no network policy yet, is never answered.
    $db->options(MYSQLI_OPT_CONNECT_TIMEOUT, 1);
    $db->real_connect($host, (string) getenv('WORDPRESS_DB_USER'), $password, (string) getenv('WORDPRESS_DB_NAME'), (int) $port);
    $db->set_charset('utf8mb4');
    // The lock of a set-up whose node was lost goes with its connection.
    $db->query('SET SESSION wait_timeout = 900');
    return $db;
}

/** Waits until the database lets the store in: at most SETUP_TIMEOUT_SECONDS. */
function wait_for_database(): mysqli
{
    $seconds = (int) (getenv('SETUP_TIMEOUT_SECONDS') ?: 240);
    $deadline = time() + $seconds;
    while (true) {
        try {
            return connect();
        } catch (mysqli_sql_exception $error) {
            if (time() >= $deadline) {
                refuse(sprintf('the database %s did not let %s in within %d s: %s', getenv('WORDPRESS_DB_HOST'), getenv('WORDPRESS_DB_USER'), $seconds, $error->getMessage()));
            }
            usleep(200_000);
        }
    }
}

function tables(mysqli $db): array
{
    return array_column($db->query('SHOW TABLES')->fetch_all(), 0);
}

/** An option of WordPress, or null where there is none. */
function stored_option(mysqli $db, string $name): ?string
{
    if (!in_array('wp_options', tables($db), true)) {
        return null;
    }
    return $db->execute_query('SELECT option_value FROM wp_options WHERE option_name = ?', [$name])->fetch_row()[0] ?? null;
}

/** Makes the database an empty one that is marked as begun; drops only what an unfinished set-up left. */
function begin(mysqli $db): void
{
    $tables = tables($db);
    if ($tables !== [] && !in_array(BEGUN, $tables, true)) {
        refuse('the database has tables, but neither the mark of a finished set-up nor that of a begun one; nothing was changed');
    }
    $db->query('CREATE TABLE IF NOT EXISTS ' . BEGUN . ' (at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP) ENGINE=InnoDB');
    $left = array_diff($tables, [BEGUN]);
    if ($left !== []) {
        echo 'again    a set-up that was begun and not finished: its ' . count($left) . " tables are dropped\n";
        $db->query('SET FOREIGN_KEY_CHECKS = 0');
        $db->query('DROP TABLE IF EXISTS ' . implode(', ', array_map(static fn (string $name): string => "`$name`", $left)));
    }
}

/** Ends the set-up of a new store. The option comes first: whatever happens in between, it is a finished store. */
function finish(mysqli $db): void
{
    $db->execute_query("INSERT INTO wp_options (option_name, option_value, autoload) VALUES ('store_weaver_setup_version', ?, 'yes')
        ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)", [SETUP_VERSION]);
    $db->query('DROP TABLE IF EXISTS ' . BEGUN);
}

/** Refuses a database that a newer image has migrated: no migration goes backwards. Returns whether it is an older one's. */
function is_older(mysqli $db): bool
{
    require ABSPATH_OF_CODE . '/wp-includes/version.php';
    $stored = (int) stored_option($db, 'db_version');
    if ($stored > (int) $wp_db_version) {
        refuse("the database is of a newer WordPress (database version $stored) than this image ($wp_version, $wp_db_version): use the newer image");
    }
    $plugin = ABSPATH_OF_CODE . '/wp-content/plugins/woocommerce/woocommerce.php';
    $woocommerce = stored_option($db, 'woocommerce_version');
    if ($woocommerce !== null && is_file($plugin) && preg_match('/^ \* Version: (\S+)/m', (string) file_get_contents($plugin), $found)) {
        if (version_compare($woocommerce, $found[1], '>')) {
            refuse("the database is of WooCommerce $woocommerce, this image has $found[1]: use the newer image");
        }
    }
    return $stored < (int) $wp_db_version;
}

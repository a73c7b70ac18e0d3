<?php
// Sets up a new store, or brings one that is there up to the image and the chart's values; what `store-setup` runs.
//
// A new store is begun with the image's seed, or by install.php and tables.php where it has none; address.php, furnish.php and prove.php
// make it, and then it is marked as finished. Killed before that, it begins again from an empty database. A finished store is only
// maintained: what its owner changed stays.
// Each step is a process of its own: WordPress may end it at any place, and a plugin is usable where it was loaded from the start.
require __DIR__ . '/guard.php';
require __DIR__ . '/database.php';
require __DIR__ . '/seed.php';
const ABSPATH_OF_CODE = '/srv/wordpress';

function run(string $script): void
{
    passthru(escapeshellarg(PHP_BINARY) . ' ' . escapeshellarg(__DIR__ . "/$script"), $code);
    if ($code !== 0) {
        refuse("$script failed with exit code $code");
    }
}

$db = wait_for_database();
// Held to the end by this connection, so that two set-ups never work at once.
if ($db->query("SELECT GET_LOCK('store-weaver-setup', 300)")->fetch_row()[0] != 1) {
    refuse('another set-up holds the lock');
}
require __DIR__ . '/volume.php';

$sells = is_file(ABSPATH_OF_CODE . '/wp-content/plugins/woocommerce/woocommerce.php');
if (!$sells) {
    echo "skipped  WooCommerce: the plugin is not in this image (a Debian base); this is a WordPress site, not a store\n";
}
$version = stored_option($db, 'store_weaver_setup_version');
if ($version === null) {
    begin($db);
    if (has_seed()) {
        load_seed($db);
        step('begun with the image\'s seed', true);
    } else {
        run('install.php');
        if ($sells) {
            run('tables.php');
        }
    }
    run('address.php');
    run('furnish.php');
    run('prove.php');
    finish($db);
} else {
    $db->query('DROP TABLE IF EXISTS ' . BEGUN);
    $older = is_older($db);
    run('address.php');
    if ($older) {
        run('upgrade.php');
    }
    step('the database has the code\'s version', $older);
    // Left by a migration that was killed; the lock held here is the one that counts.
    $db->query("DELETE FROM wp_options WHERE option_name IN ('wc_installing', '_transient_wc_installing', '_transient_timeout_wc_installing')");
    run('maintain.php');
}
step('the setup is marked as done', $version === null);
finished();

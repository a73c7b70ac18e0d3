<?php
// Installs or updates the shop over WordPress's own API. Every step looks first and changes only what is missing, under a
// lock in the database: a second run changes nothing and says so. Exit code 0: the shop is as it should be.
const SETUP_VERSION = '1';

function step(string $what, bool $changed): void
{
    echo ($changed ? 'done     ' : 'kept     ') . $what . "\n";
}

function admin_secret(string $name): string
{
    $path = (getenv('ADMIN_SECRETS_DIR') ?: '/run/secrets/admin') . '/' . $name;
    $text = @file_get_contents($path);
    if ($text === false || trim($text) === '') {
        fwrite(STDERR, "setup: $path is missing or empty\n");
        exit(1);
    }
    return trim($text);
}

/** Writes an option unless it has this value; returns whether it wrote. */
function set_option(string $name, $value): bool
{
    $before = get_option($name, null);
    if ($before == $value && $before !== null) {
        return false;
    }
    return update_option($name, $value);
}

$file = getenv('SHOP_FILE') ?: '/etc/store-weaver/shop.json';
$shop = json_decode((string) file_get_contents($file), true);
if (!is_array($shop)) {
    fwrite(STDERR, "setup: $file is not a JSON object\n");
    exit(1);
}

define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = (string) preg_replace('#^https?://#', '', (string) getenv('STORE_URL'));
$_SERVER['REQUEST_URI'] = '/';
require '/srv/shop/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

global $wpdb;
if ($wpdb->get_var("SELECT GET_LOCK('store-weaver-setup', 300)") !== '1') {
    fwrite(STDERR, "setup: another setup holds the lock\n");
    exit(1);
}

$fresh = !is_blog_installed();
if ($fresh) {
    // No e-mail is sent: there is no mail server in the namespace, and it would carry the address of the login.
    add_filter('pre_wp_mail', '__return_true');
    wp_install($shop['name'], admin_secret('admin-user'), admin_secret('admin-email'), true, '', admin_secret('admin-password'), $shop['locale'] ?? '');
    // WordPress writes the defaults of its widgets when it is first loaded after that: here, not in the next run.
    passthru(escapeshellarg(PHP_BINARY) . ' -r ' . escapeshellarg('require "/srv/shop/wp-load.php";'), $code);
    if ($code !== 0) {
        exit($code);
    }
}
step('WordPress is installed', $fresh);

$outdated = get_option('db_version') != $GLOBALS['wp_db_version'];
if ($outdated) {
    wp_upgrade();
}
step('the database has the code\'s version', $outdated);

$administrator = get_user_by('login', admin_secret('admin-user'));
if (!$administrator) {
    $id = wp_insert_user(['user_login' => admin_secret('admin-user'), 'user_email' => admin_secret('admin-email'), 'user_pass' => admin_secret('admin-password'), 'role' => 'administrator']);
    if (is_wp_error($id)) {
        fwrite(STDERR, 'setup: ' . $id->get_error_message() . "\n");
        exit(1);
    }
    $administrator = get_user_by('id', $id);
    step('the administrator is there', true);
} else {
    // A password that the owner changed stays, until a new one is asked for: the Secret's is only the first one.
    step('the administrator is there', false);
}
$revision = (int) ($shop['adminRevision'] ?? 0);
$renewed = $revision > (int) get_option('store_weaver_admin_revision', 0);
if ($renewed) {
    wp_set_password(admin_secret('admin-password'), $administrator->ID);
    update_option('store_weaver_admin_revision', $revision);
}
step('the administrator has the password that was asked for', $renewed);
wp_set_current_user($administrator->ID);

step('the permalinks are readable', set_option('permalink_structure', '/%postname%/'));
step('search engines may index the shop', set_option('blog_public', '1'));

if (is_file(WP_PLUGIN_DIR . '/woocommerce/woocommerce.php')) {
    $inactive = !is_plugin_active('woocommerce/woocommerce.php');
    if ($inactive) {
        $failed = activate_plugin('woocommerce/woocommerce.php');
        if (is_wp_error($failed)) {
            fwrite(STDERR, 'setup: ' . $failed->get_error_message() . "\n");
            exit(1);
        }
    }
    step('WooCommerce is active', $inactive);
    // In a process of its own: a plugin has to be loaded from the start of WordPress to be used.
    passthru(escapeshellarg(PHP_BINARY) . ' ' . escapeshellarg(__DIR__ . '/woocommerce.php'), $code);
    if ($code !== 0) {
        exit($code);
    }
} else {
    echo "skipped  WooCommerce: the plugin is not in this image (a Debian base); this is a WordPress site, not a shop\n";
}

wp_cache_flush();
step('the setup is marked as done', set_option('store_weaver_setup_version', SETUP_VERSION));
$wpdb->query("SELECT RELEASE_LOCK('store-weaver-setup')");

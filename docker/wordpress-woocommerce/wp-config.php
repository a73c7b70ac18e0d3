<?php
// Configuration by environment and by files below SECRETS_DIR; nothing of a store is in the image.
$store_secret = static function (string $name): string {
    $path = (getenv('SECRETS_DIR') ?: '/run/secrets/store') . '/' . $name;
    $text = trim((string) @file_get_contents($path));
    if ($text === '') {
        http_response_code(503);
        error_log("store-weaver: the secret file $path is missing or empty");
        exit(1);
    }
    return $text;
};

define('DB_NAME', getenv('WORDPRESS_DB_NAME') ?: 'wordpress');
define('DB_USER', getenv('WORDPRESS_DB_USER') ?: 'wordpress');
define('DB_PASSWORD', $store_secret('mysql-password'));
define('DB_HOST', getenv('WORDPRESS_DB_HOST') ?: 'mysql:3306');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');

foreach (['auth', 'secure-auth', 'logged-in', 'nonce'] as $store_scheme) {
    foreach (['key', 'salt'] as $store_kind) {
        define(strtoupper(strtr("$store_scheme-$store_kind", '-', '_')), $store_secret("$store_scheme-$store_kind"));
    }
}

// The configured scheme is the one visitors use, whatever the proxies in between say of their own legs.
$store_url = rtrim(getenv('STORE_URL') ?: 'http://localhost:8080', '/');
define('WP_HOME', $store_url);
define('WP_SITEURL', $store_url);
unset($_SERVER['HTTPS'], $_SERVER['HTTP_X_FORWARDED_PROTO']);
if (str_starts_with($store_url, 'https://')) {
    define('FORCE_SSL_ADMIN', true);
    $_SERVER['HTTPS'] = 'on';
}

// Files are written by this process itself. Without it WordPress sees code that belongs to another user and tries FTP, and
// with WooCommerce up to 10.5 every checkout fails on that.
define('FS_METHOD', 'direct');
define('FS_CHMOD_DIR', 0750);
define('FS_CHMOD_FILE', 0640);
define('WP_TEMP_DIR', '/tmp');
// Never more than php.ini allows: its limit is sized to the container.
define('WP_MEMORY_LIMIT', ini_get('memory_limit'));
define('WP_MAX_MEMORY_LIMIT', ini_get('memory_limit'));

// Code comes from the image, and the cron container calls wp-cron.php.
define('DISALLOW_FILE_EDIT', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_AUTO_UPDATE_CORE', false);
define('DISABLE_WP_CRON', true);
define('WP_DEBUG', false);
define('WPMU_PLUGIN_DIR', '/usr/local/share/store-weaver/mu-plugins');
define('WP_LANG_DIR', __DIR__ . '/wp-content/languages');
if (getenv('STORE_OWNER_PLUGINS') === 'yes') {
    // What the owner installs lies in the uploads volume, beside what visitors may fetch; setup/volume.php makes the folder.
    define('WP_CONTENT_DIR', '/srv/uploads/wp-content');
    define('WP_CONTENT_URL', "$store_url/wp-content");
    define('UPLOADS', 'wp-content/uploads');
} else {
    define('DISALLOW_FILE_MODS', true);
}
if (getenv('STORE_STAGING') === '1') {
    // mu-plugins/staging.php and apache.conf do the rest.
    define('WP_ENVIRONMENT_TYPE', 'staging');
}
if (getenv('STORE_EGRESS') === 'closed') {
    // Packets are dropped on the way out: each attempt would wait for its time-out.
    define('WP_HTTP_BLOCK_EXTERNAL', true);
}

$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';

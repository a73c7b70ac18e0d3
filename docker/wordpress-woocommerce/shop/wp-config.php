<?php
// Configuration by environment and by files below SECRETS_DIR; nothing of a shop is in the image.
$store_secret = static function (string $name): string {
    $path = (getenv('SECRETS_DIR') ?: '/run/secrets/store') . '/' . $name;
    $text = @file_get_contents($path);
    if ($text === false || trim($text) === '') {
        http_response_code(503);
        error_log("store-weaver: the secret file $path is missing or empty");
        exit(1);
    }
    return trim($text);
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

$store_url = rtrim(getenv('STORE_URL') ?: 'http://localhost:8080', '/');
define('WP_HOME', $store_url);
define('WP_SITEURL', $store_url);
if (str_starts_with($store_url, 'https://')) {
    define('FORCE_SSL_ADMIN', true);
    if (($_SERVER['HTTP_X_FORWARDED_PROTO'] ?? '') === 'https') {
        $_SERVER['HTTPS'] = 'on';
    }
}

// Code comes from the image alone, and the cron container calls wp-cron.php.
define('DISALLOW_FILE_EDIT', true);
define('DISALLOW_FILE_MODS', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('WP_AUTO_UPDATE_CORE', false);
define('DISABLE_WP_CRON', true);
define('WP_DEBUG', false);
define('WP_TEMP_DIR', '/tmp');

$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';

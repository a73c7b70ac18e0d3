<?php
// Whether the store takes an order, tried in this web server's own process; nothing is left behind. Costs as much as an
// order, so it is asked with a word that is derived from the store's Secret: 403 without it.
header('Content-Type: text/plain');
header('Cache-Control: no-store');
$salt = trim((string) @file_get_contents((getenv('SECRETS_DIR') ?: '/run/secrets/store') . '/nonce-salt'));
if ($salt === '' || !hash_equals(hash_hmac('sha256', 'store-check', $salt), (string) ($_SERVER['HTTP_X_STORE_CHECK'] ?? ''))) {
    http_response_code(403);
    echo "forbidden\n";
    return;
}
// Whatever ends PHP before its last line is a store that takes no order.
http_response_code(500);
require '/srv/wordpress/wp-load.php';
require '/usr/local/share/store-weaver/setup/test-order.php';
if (!function_exists('WC')) {
    http_response_code(501);
    echo "WooCommerce is not active\n";
    return;
}
try {
    place_test_order();
    http_response_code(200);
    echo "ok\n";
} catch (Throwable $error) {
    echo $error->getMessage(), "\n";
}

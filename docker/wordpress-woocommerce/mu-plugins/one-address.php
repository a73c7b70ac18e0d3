<?php
// A store has one address: visitors of its other hosts are sent there. The chart tells which these are, in a file that changes while the
// store runs. WordPress itself only tells www. from none: it serves its pages at any other host.
$store_send_on = static function (): void {
    $host = preg_replace('/:\d+$/', '', strtolower((string) ($_SERVER['HTTP_HOST'] ?? '')));
    $path = (string) ($_SERVER['REQUEST_URI'] ?? '/');
    if (!in_array($_SERVER['REQUEST_METHOD'] ?? '', ['GET', 'HEAD'], true) || !str_starts_with($path, '/')) {
        return;
    }
    $hosts = dirname(getenv('STORE_FILE') ?: '/etc/store-weaver/store.json') . '/hosts';
    // While pods are replaced, one may read the hosts of the other's address.
    if ($host === parse_url(WP_HOME, PHP_URL_HOST) || !in_array($host, @file($hosts, FILE_IGNORE_NEW_LINES) ?: [], true)) {
        return;
    }
    // Not for long, since the owner may choose another address.
    header('Cache-Control: public, max-age=300');
    wp_redirect(WP_HOME . $path, 301);
    exit;
};
add_action('template_redirect', $store_send_on, -1);
add_action('login_init', $store_send_on, -1);

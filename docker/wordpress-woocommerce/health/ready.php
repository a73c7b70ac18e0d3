<?php
// The database answers and the setup step has been through: 200; else 503.
header('Content-Type: text/plain');
mysqli_report(MYSQLI_REPORT_OFF);
[$host, $port] = explode(':', (getenv('WORDPRESS_DB_HOST') ?: 'mysql') . ':3306');
$password = trim((string) @file_get_contents((getenv('SECRETS_DIR') ?: '/run/secrets/store') . '/mysql-password'));
$db = mysqli_init();
$db->options(MYSQLI_OPT_CONNECT_TIMEOUT, 3);
$answer = @$db->real_connect($host, getenv('WORDPRESS_DB_USER') ?: 'wordpress', $password, getenv('WORDPRESS_DB_NAME') ?: 'wordpress', (int) $port)
    ? $db->query("SELECT option_value FROM wp_options WHERE option_name = 'store_weaver_setup_version'")
    : false;
if (!$answer || !$answer->fetch_row()) {
    http_response_code(503);
    echo "not ready\n";
    return;
}
echo "ok\n";

<?php
// The database answers and the setup step has been through: 200; else 503.
require __DIR__ . '/database.php';
header('Content-Type: text/plain');
$answer = store_database()?->query("SELECT option_value FROM wp_options WHERE option_name = 'store_weaver_setup_version'");
if (!$answer || !$answer->fetch_row()) {
    http_response_code(503);
    echo "not ready\n";
    return;
}
echo "ok\n";

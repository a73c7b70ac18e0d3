<?php
/** A connection to the store's database, or null when it does not take one within 3 s. Without WordPress. */
function store_database(): ?mysqli
{
    mysqli_report(MYSQLI_REPORT_OFF);
    [$host, $port] = explode(':', (getenv('WORDPRESS_DB_HOST') ?: 'mysql') . ':3306');
    $password = trim((string) @file_get_contents((getenv('SECRETS_DIR') ?: '/run/secrets/store') . '/mysql-password'));
    $db = mysqli_init();
    $db->options(MYSQLI_OPT_CONNECT_TIMEOUT, 3);
    return @$db->real_connect($host, getenv('WORDPRESS_DB_USER') ?: 'wordpress', $password, getenv('WORDPRESS_DB_NAME') ?: 'wordpress', (int) $port)
        ? $db
        : null;
}

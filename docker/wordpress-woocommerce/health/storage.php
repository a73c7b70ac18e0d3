<?php
// What the volumes use and were asked for with, for the platform: it comes by the API server, under another host name than visitors, who
// may come under several and always have the ingress controller's X-Real-Ip. A volume of which nothing is known is left out.
require __DIR__ . '/database.php';
header('Content-Type: application/json');
header('Cache-Control: no-store');
$own = strtolower((string) parse_url((string) getenv('STORE_URL'), PHP_URL_HOST));
if (isset($_SERVER['HTTP_X_REAL_IP']) || $own !== '' && strtolower((string) preg_replace('/:\d+$/', '', $_SERVER['HTTP_HOST'] ?? '')) === $own) {
    http_response_code(404);
    return;
}
$used = [];
if ($db = store_database()) {
    // MySQL remembers sizes for a day otherwise; MariaDB knows no such setting. Logs of a fixed size are not in it.
    @$db->query('SET SESSION information_schema_stats_expiry = 0');
    $sum = $db->query('SELECT sum(data_length + index_length + data_free) FROM information_schema.tables WHERE table_schema = DATABASE()');
    $used['database'] = $sum ? $sum->fetch_row()[0] : null;
}
if ($count = @file('/tmp/store-uploads')) {
    $used['uploads'] = array_sum(array_map('intval', $count));
}
$volumes = [];
foreach ($used as $name => $bytes) {
    $size = (int) getenv('STORE_' . strtoupper($name) . '_BYTES');
    if ($bytes !== null && $size > 0) {
        $volumes[] = ['name' => $name, 'usedBytes' => (int) $bytes, 'sizeBytes' => $size];
    }
}
echo json_encode(['volumes' => $volumes]), "\n";

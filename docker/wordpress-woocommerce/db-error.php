<?php
// Shown by WordPress when the database does not answer: for a moment, so that browsers and search engines come again.
http_response_code(503);
header('Retry-After: 10');
header('Cache-Control: no-store');
header('Content-Type: text/html; charset=utf-8');
echo '<!doctype html><meta charset="utf-8"><title>Back in a moment</title><p>This store is back in a moment. Please try again.</p>';
exit(1);

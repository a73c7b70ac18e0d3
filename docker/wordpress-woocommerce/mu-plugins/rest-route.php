<?php
// WooCommerce knows a request to its Store API, and with it the Cart-Token, by the path /wp-json/wc/store alone. The form
// ?rest_route=, which works with every permalink structure, is told to it as that path.
if (is_string($_GET['rest_route'] ?? null) && str_starts_with($_GET['rest_route'], '/wc/store/')) {
    $_SERVER['REQUEST_URI'] = '/wp-json' . $_GET['rest_route'] . '?' . http_build_query(array_diff_key($_GET, ['rest_route' => true]));
}

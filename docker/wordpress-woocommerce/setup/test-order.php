<?php
// Places an order as a guest does, by WooCommerce's Store API in this process, and takes everything back: it happens in one
// transaction that is rolled back. No mail is sent, no webhook told; stock and counters are as before.

/** Throws a RuntimeException that says which step failed and why. */
function place_test_order(): void
{
    global $wpdb;
    // WooCommerce's own transactions would commit ours.
    defined('WC_USE_TRANSACTIONS') || define('WC_USE_TRANSACTIONS', false);
    add_filter('pre_wp_mail', '__return_true');
    add_filter('woocommerce_store_api_disable_nonce_check', '__return_true');
    $logs = [];
    add_filter('woocommerce_logger_log_message', static function ($message, $level, $context) use (&$logs) {
        $logs[$context['source'] ?? ''] = true;
        return $message;
    }, 10, 3);
    $order = 0;
    $wpdb->query('START TRANSACTION');
    try {
        $order = order_by_store_api();
    } finally {
        $wpdb->query('ROLLBACK');
        wp_cache_flush();
        foreach (array_keys($logs) as $source) {
            if (str_starts_with($source, 'place-order-debug-')) {
                wc_get_logger()->clear($source);
            }
        }
        // What WooCommerce and plugins left for the end of the request is about an order that is gone.
        remove_all_actions('shutdown');
    }
    if (wc_get_order($order)) {
        throw new RuntimeException("order $order is still there: something committed the transaction");
    }
}

function order_by_store_api(): int
{
    wp_set_current_user(0);
    wc_load_cart();
    WC()->cart->empty_cart();
    $product = new WC_Product_Simple();
    $product->set_name('Test of the store');
    $product->set_regular_price('1');
    // One that is not shipped: where an owner ships to is his to decide.
    $product->set_virtual(true);
    $product->set_status('publish');
    $product->save();
    ask('/cart/add-item', ['id' => $product->get_id(), 'quantity' => 1]);
    if (WC()->cart->is_empty()) {
        throw new RuntimeException('the cart stays empty');
    }
    // Payment by others would be asked for money: only methods that are settled by hand are tried.
    $offline = array_values(array_intersect(['cod', 'bacs', 'cheque'], array_keys(WC()->payment_gateways()->get_available_payment_gateways())));
    if ($offline === []) {
        $draft = ask('/checkout', null);
        return (int) $draft['order_id'];
    }
    $address = test_address();
    $done = ask('/checkout', ['billing_address' => $address + ['email' => 'test@example.com'], 'shipping_address' => $address, 'payment_method' => $offline[0]]);
    if (($done['payment_result']['payment_status'] ?? '') !== 'success') {
        throw new RuntimeException('the order is not paid for: ' . wp_json_encode($done['payment_result'] ?? null));
    }
    return (int) $done['order_id'];
}

/** An address in a country that the store sells to, its own if it can be; valid even where the chart's values are of elsewhere. */
function test_address(): array
{
    add_filter('woocommerce_validate_postcode', '__return_true');
    $countries = WC()->countries;
    $sold_to = array_keys($countries->get_allowed_countries());
    $country = in_array($countries->get_base_country(), $sold_to, true) ? $countries->get_base_country() : (string) ($sold_to[0] ?? '');
    // Where there is no list of them, a state is any text.
    $states = array_map('strval', array_keys($countries->get_states($country) ?: [])) ?: ['Test'];
    $state = in_array($countries->get_base_state(), $states, true) ? $countries->get_base_state() : $states[0];
    return ['first_name' => 'Test', 'last_name' => 'Order', 'address_1' => '1 Test Street', 'city' => 'Test', 'state' => $state,
        'postcode' => '10000', 'country' => $country, 'phone' => '5555550100'];
}

function ask(string $path, ?array $body): array
{
    $request = new WP_REST_Request($body === null ? 'GET' : 'POST', "/wc/store/v1$path");
    if ($body !== null) {
        $request->set_header('Content-Type', 'application/json');
        $request->set_body(wp_json_encode($body));
    }
    $response = rest_do_request($request);
    $data = json_decode(wp_json_encode($response->get_data()), true);
    if ($response->is_error() || $response->get_status() >= 300) {
        throw new RuntimeException("$path: " . wp_strip_all_tags($data['message'] ?? "status {$response->get_status()}"));
    }
    return (array) $data;
}

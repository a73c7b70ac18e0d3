<?php
// Before a new store is marked as finished: it has its pages and products, and takes an order. Leaves nothing.
require __DIR__ . '/guard.php';
require '/srv/wordpress/wp-load.php';
require __DIR__ . '/test-order.php';
if (!is_blog_installed() || !get_users(['role' => 'administrator', 'number' => 1])) {
    refuse('WordPress is not whole: it has no administrator');
}
if (is_file(WP_PLUGIN_DIR . '/woocommerce/woocommerce.php')) {
    foreach (['shop', 'cart', 'checkout', 'myaccount'] as $page) {
        if (get_post_status(wc_get_page_id($page)) !== 'publish') {
            refuse("the store has no $page page");
        }
    }
    foreach (store_values()['sampleProducts'] ?? [] as $sample) {
        if (!wc_get_product_id_by_sku($sample['sku'])) {
            refuse("the store has no product {$sample['sku']}");
        }
    }
    try {
        place_test_order();
    } catch (RuntimeException $error) {
        refuse('the store takes no order: ' . $error->getMessage());
    }
    step('the store takes an order', true);
}
finished();

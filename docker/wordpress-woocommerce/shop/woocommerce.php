<?php
// The shop's part of the setup: run by setup.php under its lock, with WooCommerce active.
$_SERVER['HTTP_HOST'] = (string) preg_replace('#^https?://#', '', (string) getenv('STORE_URL'));
$_SERVER['REQUEST_URI'] = '/';
require '/srv/shop/wp-load.php';

$shop = json_decode((string) file_get_contents(getenv('SHOP_FILE') ?: '/etc/store-weaver/shop.json'), true);
$say = static function (string $what, bool $changed): void {
    echo ($changed ? 'done     ' : 'kept     ') . $what . "\n";
};
if (!function_exists('WC')) {
    fwrite(STDERR, "setup: WooCommerce did not load\n");
    exit(1);
}
wp_set_current_user((int) (get_users(['role' => 'administrator', 'number' => 1, 'fields' => 'ID'])[0] ?? 0));

$old = get_option('woocommerce_version') !== WC()->version || WC_Install::needs_db_update();
if ($old) {
    WC_Install::install();
    if (WC_Install::needs_db_update()) {
        WC_Install::run_manual_database_update();
    }
}
$say('WooCommerce\'s tables have the code\'s version', $old);

// Values that come from the chart are the owner's to change afterwards: they are written once.
$once = [
    'woocommerce_default_country' => $shop['country'],
    'woocommerce_currency' => $shop['currency'],
    'woocommerce_store_address' => $shop['address'] ?? '',
    'woocommerce_store_city' => $shop['city'] ?? '',
    'woocommerce_store_postcode' => $shop['postcode'] ?? '',
    'woocommerce_enable_guest_checkout' => 'yes',
    'woocommerce_allow_tracking' => 'no',
    'woocommerce_onboarding_profile' => ['skipped' => true],
    // Since 9.6 a new shop shows "coming soon" in its place.
    'woocommerce_coming_soon' => 'no',
    'woocommerce_store_pages_only' => 'no',
    'woocommerce_cod_settings' => ['enabled' => 'yes', 'title' => 'Cash on delivery', 'description' => 'Pay with cash upon delivery.',
        'instructions' => 'Pay with cash upon delivery.', 'enable_for_methods' => [], 'enable_for_virtual' => 'yes'],
];
$written = (array) get_option('store_weaver_written', []);
foreach ($once as $name => $value) {
    if (($new = !in_array($name, $written, true))) {
        update_option($name, $value);
        $written[] = $name;
    }
    $say($name, $new);
}
update_option('store_weaver_written', $written);
delete_transient('_wc_activation_redirect');

$pages = wc_get_page_id('checkout') <= 0 || wc_get_page_id('shop') <= 0;
if ($pages) {
    WC_Install::create_pages();
}
$say('cart, checkout and account pages', $pages);

$rest_of_world = new WC_Shipping_Zone(0);
$unshipped = $rest_of_world->get_shipping_methods() === [];
if ($unshipped) {
    $rest_of_world->add_shipping_method('free_shipping');
}
$say('a shipping method', $unshipped);

$created = (array) get_option('store_weaver_products', []);
foreach ($shop['sampleProducts'] ?? [] as $sample) {
    // Remembered by SKU: a sample that the owner deleted does not come back.
    $new = !in_array($sample['sku'], $created, true) && !wc_get_product_id_by_sku($sample['sku']);
    if ($new) {
        $product = new WC_Product_Simple();
        $product->set_name($sample['name']);
        $product->set_sku($sample['sku']);
        $product->set_regular_price($sample['price']);
        $product->set_description($sample['description'] ?? '');
        $product->set_manage_stock(true);
        $product->set_stock_quantity((int) $sample['stock']);
        $product->set_status('publish');
        $product->save();
    }
    if (!in_array($sample['sku'], $created, true)) {
        $created[] = $sample['sku'];
    }
    $say("product {$sample['sku']}", $new);
}
update_option('store_weaver_products', $created);
flush_rewrite_rules(false);

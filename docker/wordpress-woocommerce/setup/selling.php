<?php
// WooCommerce of a new store: settings from the chart's values, pages, shipping, samples.
// How its country writes money and measures.
$country = explode(':', $values['country'])[0];
$customs = (include WC()->plugin_path() . '/i18n/locale-info.php')[$country] ?? [];
$locale = ($values['locale'] ?? '') ?: ($customs['default_locale'] ?? '');
if ($locale !== '' && in_array($locale, get_available_languages(), true)) {
    update_option('WPLANG', $locale);
    // Names and texts below are written in it.
    switch_to_locale($locale);
    step("language $locale", true);
} elseif (!in_array($locale, ['', 'en_US'], true)) {
    echo "skipped  language $locale: it is not in this image; the store speaks English\n";
}
$zones = DateTimeZone::listIdentifiers(DateTimeZone::PER_COUNTRY, $country);
if (count($zones) === 1) {
    update_option('timezone_string', $zones[0]);
}
$settings = [
    'woocommerce_default_country' => $values['country'],
    'woocommerce_currency' => $values['currency'],
    'woocommerce_store_address' => $values['address'] ?? '',
    'woocommerce_store_city' => $values['city'] ?? '',
    'woocommerce_store_postcode' => $values['postcode'] ?? '',
    'woocommerce_currency_pos' => $customs['currency_pos'] ?? 'left',
    'woocommerce_price_thousand_sep' => $customs['thousand_sep'] ?? ',',
    'woocommerce_price_decimal_sep' => $customs['decimal_sep'] ?? '.',
    'woocommerce_price_num_decimals' => decimals($values['currency'], $customs),
    'woocommerce_weight_unit' => $customs['weight_unit'] ?? 'kg',
    'woocommerce_dimension_unit' => $customs['dimension_unit'] ?? 'cm',
    'woocommerce_enable_guest_checkout' => 'yes',
    'woocommerce_allow_tracking' => 'no',
    'woocommerce_onboarding_profile' => ['skipped' => true],
    // A new store shows "coming soon" in its place otherwise.
    'woocommerce_coming_soon' => 'no',
    'woocommerce_store_pages_only' => 'no',
    'woocommerce_cod_settings' => ['enabled' => 'yes', 'title' => __('Cash on delivery', 'woocommerce'),
        'description' => __('Pay with cash upon delivery.', 'woocommerce'), 'instructions' => __('Pay with cash upon delivery.', 'woocommerce'),
        'enable_for_methods' => [], 'enable_for_virtual' => 'yes'],
];
foreach ($settings as $name => $value) {
    update_option($name, $value);
}
step('address, currency, units and payment on delivery', true);

// The country's customs are for its own money: yen have no decimals anywhere.
function decimals(string $currency, array $customs): int
{
    if (($customs['currency_code'] ?? '') === $currency) {
        return (int) $customs['num_decimals'];
    }
    $all = include WC()->plugin_path() . '/i18n/locale-info.php';
    foreach ($all as $other) {
        if ($other['currency_code'] === $currency) {
            return (int) $other['num_decimals'];
        }
    }
    return 2;
}

WC_Install::create_pages();
update_option('show_on_front', 'page');
update_option('page_on_front', wc_get_page_id('shop'));
step('cart, checkout and account pages; the front page is the store', true);

(new WC_Shipping_Zone(0))->add_shipping_method('free_shipping');
step('a shipping method', true);

// The seed's files are in the image that made it.
restore_uploads();
foreach ($values['sampleProducts'] ?? [] as $sample) {
    add_sample($sample);
    step("product {$sample['sku']}", true);
}
update_option('woocommerce_email_from_name', $values['name']);

<?php
// The sample products of the chart's values. Remembered by SKU: one that the owner deleted does not come back.

function new_samples(array $samples): array
{
    $known = (array) get_option('store_weaver_products', []);
    return array_values(array_filter($samples, static fn (array $it): bool => !in_array($it['sku'], $known, true)));
}

function add_sample(array $sample): void
{
    if (!wc_get_product_id_by_sku($sample['sku'])) {
        $product = new WC_Product_Simple();
        $product->set_name($sample['name']);
        $product->set_sku($sample['sku']);
        $product->set_regular_price($sample['price']);
        $product->set_description($sample['description'] ?? '');
        $product->set_manage_stock(true);
        $product->set_stock_quantity((int) $sample['stock']);
        $product->set_status('publish');
        $product->set_image_id(picture_of($sample['sku'], $sample['name']));
        $product->save();
    }
    update_option('store_weaver_products', [...(array) get_option('store_weaver_products', []), $sample['sku']]);
}

<?php
// WordPress of a new store, in an empty database.
require __DIR__ . '/guard.php';
define('WP_INSTALLING', true);
require '/srv/wordpress/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

$values = store_values();
// No mail is sent: it would carry the address of the login.
add_filter('pre_wp_mail', '__return_true');
$result = wp_install($values['name'], admin_secret('admin-user'), admin_secret('admin-email'), true, '', admin_secret('admin-password'));
// "Hello world!", its comment and the sample page. The privacy policy stays, as a draft for the owner.
foreach (get_posts(['post_type' => ['post', 'page'], 'post_status' => 'publish', 'numberposts' => -1, 'fields' => 'ids']) as $id) {
    wp_delete_post($id, true);
}
update_option('permalink_structure', '/%postname%/');
update_option('blog_public', '1');
update_option('default_comment_status', 'closed');
update_option('default_ping_status', 'closed');
update_option('store_weaver_title', $values['name']);
update_option('store_weaver_url', rtrim((string) getenv('STORE_URL'), '/'), false);
update_option('store_weaver_admin_revision', (int) ($values['adminRevision'] ?? 0));
step('WordPress is installed', true);

$theme = extensions('theme')[0]['name'] ?? null;
if ($theme !== null) {
    switch_theme($theme);
    step("theme $theme", true);
}
if (is_file(WP_PLUGIN_DIR . '/woocommerce/woocommerce.php')) {
    $failed = activate_plugin('woocommerce/woocommerce.php');
    if (is_wp_error($failed)) {
        refuse($failed->get_error_message());
    }
    step('WooCommerce is active', true);
}
wp_cache_flush();
finished();

<?php
// WordPress and WooCommerce in an empty database, as every new store has them: nothing of one store. tables.php goes on, then own.php.
require __DIR__ . '/guard.php';
define('WP_INSTALLING', true);
// WordPress makes it of an option that is not there yet, and WooCommerce writes it into the database.
if (getenv('STORE_OWNER_PLUGINS') !== 'yes') {
    define('WP_CONTENT_URL', rtrim((string) getenv('STORE_URL'), '/') . '/wp-content');
}
require '/srv/wordpress/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';

// No mail is sent: it would carry the address of the login.
add_filter('pre_wp_mail', '__return_true');
wp_install('Store', 'admin', NOBODYS_MAIL, true, '', wp_generate_password(32));
// "Hello world!", its comment and the sample page. The privacy policy stays, as a draft for the owner.
foreach (get_posts(['post_type' => ['post', 'page'], 'post_status' => 'publish', 'numberposts' => -1, 'fields' => 'ids']) as $id) {
    wp_delete_post($id, true);
}
update_option('permalink_structure', '/%postname%/');
update_option('blog_public', '1');
update_option('default_comment_status', 'closed');
update_option('default_ping_status', 'closed');
update_option('store_weaver_url', rtrim((string) getenv('STORE_URL'), '/'), false);
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

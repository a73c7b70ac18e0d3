<?php
// WooCommerce's tables, in a database that install.php made: the plugin has to be loaded from the start of WordPress for them.
require __DIR__ . '/guard.php';
require '/srv/wordpress/wp-load.php';
if (!function_exists('WC')) {
    refuse('WooCommerce did not load');
}
add_filter('pre_wp_mail', '__return_true');
WC_Install::install();
step('WooCommerce\'s tables', true);

// Orders have tables of their own from the first one on; WooCommerce would do this when somebody opens wp-admin.
WC_Install::newly_installed();
delete_transient('_wc_activation_redirect');
step('orders have their own tables', true);
finished();

<?php
// What every new site has: a footer of its own, and the installation's plugins.
require __DIR__ . '/guard.php';
require '/srv/wordpress/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
add_filter('pre_wp_mail', '__return_true');
require __DIR__ . '/footer.php';
foreach (extensions('plugin') as $extension) {
    $file = array_key_first(get_plugins('/' . $extension['name']));
    $failed = $file === null ? new WP_Error('missing', "plugin {$extension['name']} is not in the image") : activate_plugin("{$extension['name']}/$file");
    if (is_wp_error($failed)) {
        refuse($failed->get_error_message());
    }
    step("plugin {$extension['name']} {$extension['version']}", true);
}
flush_rewrite_rules(false);
finished();

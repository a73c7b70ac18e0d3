<?php
// What all stores begin with becomes one store's: administrator, name, mail and id.
$mail = admin_secret('admin-email');

// Nobody has the account that WordPress insisted on. The administrator is the first user, as in every WordPress.
if ($wpdb->get_var("SELECT COUNT(*) FROM $wpdb->users") > 0) {
    foreach ([$wpdb->users, $wpdb->usermeta] as $table) {
        $wpdb->query("TRUNCATE TABLE $table");
    }
    wp_cache_flush();
}
// Written at once: a store has some hundred settings, and each would wait for the disk.
$wpdb->query('START TRANSACTION');
$url = rtrim((string) getenv('STORE_URL'), '/');
$id = wp_insert_user(['user_login' => admin_secret('admin-user'), 'user_email' => $mail, 'user_pass' => admin_secret('admin-password'), 'role' => 'administrator',
    'user_url' => $url, 'meta_input' => ['show_welcome_panel' => 1]]);
if (is_wp_error($id)) {
    refuse($id->get_error_message());
}
$wpdb->query($wpdb->prepare("UPDATE $wpdb->posts SET post_author = %d", $id));
wp_set_current_user($id);
step('the administrator', true);

$written = $wpdb->get_col($wpdb->prepare("SELECT option_name FROM $wpdb->options WHERE option_value LIKE %s", '%' . $wpdb->esc_like(NOBODYS_MAIL) . '%'));
foreach ($written as $option) {
    update_option($option, map_deep(get_option($option), static fn ($it) => is_string($it) ? str_replace(NOBODYS_MAIL, $mail, $it) : $it));
}
// Asks for a confirmation by mail when it is set by update_option.
$wpdb->update($wpdb->options, ['option_value' => $mail], ['option_name' => 'admin_email']);
$wpdb->delete($wpdb->options, ['option_name' => 'new_admin_email']);
wp_cache_flush();
update_option('blogname', $values['name']);
update_option('store_weaver_title', $values['name']);
update_option('store_weaver_admin_revision', (int) ($values['adminRevision'] ?? 0));
if (get_option('woocommerce_pos_store_name') !== false) {
    update_option('woocommerce_pos_store_name', $values['name']);
}
// What WooCommerce draws by lot: an id, the name of a file that nobody is to guess, and the groups for what it offers.
if (get_option('woocommerce_store_id')) {
    update_option('woocommerce_store_id', wp_generate_uuid4());
}
$geolocation = get_option('woocommerce_maxmind_geolocation_settings');
if (is_array($geolocation)) {
    update_option('woocommerce_maxmind_geolocation_settings', ['database_prefix' => wp_generate_password(32, false)] + $geolocation);
}
foreach (['woocommerce_inbox_variant_assignment' => 12, 'woocommerce_remote_variant_assignment' => 120] as $option => $groups) {
    if (get_option($option) !== false) {
        update_option($option, wp_rand(1, $groups));
    }
}
// A post's guid is the address that it was made at.
$wpdb->query($wpdb->prepare("UPDATE $wpdb->posts SET guid = REPLACE(guid, %s, %s)", NOBODYS_URL, $url));
step('name and mail', true);

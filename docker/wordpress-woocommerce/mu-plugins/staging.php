<?php
// A copy of a store to try things with: its customers are real people, and hear nothing of it. Held at run time, so that the options stay
// those of the store that it is a copy of.
if (getenv('STORE_STAGING') === '1') {
    add_filter('pre_wp_mail', '__return_true', PHP_INT_MAX);
    // Of mail that a plugin sends past the filter there is nobody to send it to.
    add_action('phpmailer_init', static fn ($mailer) => $mailer->clearAllRecipients(), PHP_INT_MAX);
    add_filter('woocommerce_webhook_should_deliver', '__return_false', PHP_INT_MAX);
    add_filter('pre_option_blog_public', static fn (): string => '0', PHP_INT_MAX);
    add_action('admin_notices', static function (): void {
        echo '<div class="notice notice-warning"><p><strong>This is a staging copy.</strong> It sends no mail, calls no webhooks, and asks search engines to stay away.</p></div>';
    });
}

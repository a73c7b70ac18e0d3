<?php
// Mail goes out by the SMTP server that the Secret in /run/secrets/mail names: host, port, user, password, from, tls.
$store_mail = static fn (string $name): string => trim((string) @file_get_contents((getenv('MAIL_SECRETS_DIR') ?: '/run/secrets/mail') . "/$name"));
if ($store_mail('host') !== '') {
    add_action('phpmailer_init', static function ($mailer) use ($store_mail): void {
        $tls = $store_mail('tls') ?: 'starttls';
        $mailer->isSMTP();
        $mailer->Host = $store_mail('host');
        $mailer->Port = (int) ($store_mail('port') ?: ['tls' => 465, 'starttls' => 587, 'none' => 25][$tls] ?? 587);
        $mailer->SMTPAuth = $store_mail('user') !== '';
        $mailer->Username = $store_mail('user');
        $mailer->Password = $store_mail('password');
        $mailer->SMTPSecure = ['tls' => 'ssl', 'starttls' => 'tls'][$tls] ?? '';
        $mailer->SMTPAutoTLS = $tls !== 'none';
        $mailer->Timeout = 10;
    });
    // A mail server takes mail from its own senders alone. Replies go where WooCommerce or the plugin says.
    if ($store_mail('from') !== '') {
        add_filter('wp_mail_from', static fn (): string => $store_mail('from'), PHP_INT_MAX);
        add_filter('wp_mail_from_name', static fn (string $name): string => $name === 'WordPress' ? wp_specialchars_decode(get_option('blogname'), ENT_QUOTES) : $name, PHP_INT_MAX);
    }
    add_action('wp_mail_failed', static function (WP_Error $error): void {
        error_log('store-weaver: mail was not sent: ' . $error->get_error_message());
    });
}

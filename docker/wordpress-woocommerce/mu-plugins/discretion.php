<?php
// Says neither who may log in nor which versions run.

// Names of users: the REST API, ?author=1, the sitemap, embeds, and the login page's own words.
add_filter('rest_endpoints', static function (array $endpoints): array {
    if (!is_user_logged_in()) {
        foreach (array_keys($endpoints) as $route) {
            if (str_starts_with($route, '/wp/v2/users')) {
                unset($endpoints[$route]);
            }
        }
    }
    return $endpoints;
});
add_action('parse_request', static function (WP $request): void {
    $asked = $request->query_vars;
    if (!is_admin() && !is_user_logged_in() && (isset($asked['author']) || isset($asked['author_name']) || ($asked['sitemap'] ?? '') === 'users')) {
        $request->query_vars = ['error' => '404'];
    }
});
add_filter('wp_sitemaps_add_provider', static fn ($provider, $name) => $name === 'users' ? false : $provider, 10, 2);
add_filter('oembed_response_data', static function (array $data): array {
    unset($data['author_name'], $data['author_url']);
    return $data;
});
add_filter('wp_login_errors', static function (WP_Error $errors): WP_Error {
    foreach (['invalid_username', 'invalid_email', 'incorrect_password'] as $code) {
        if ($errors->get_error_message($code) !== '') {
            return new WP_Error('incorrect_password', 'The user name or the password is wrong.');
        }
    }
    return $errors;
});
add_filter('login_errors', static fn (string $html): string => preg_match('/lostpassword/', $html) ? 'The user name or the password is wrong.' : $html);
// "Lost your password?" answers alike for names that exist and names that do not.
add_action('lostpassword_post', static function (WP_Error $errors, $user): void {
    if (!$user && !array_diff($errors->get_error_codes(), ['invalidcombo', 'invalid_email']) && is_string($_POST['user_login'] ?? null) && $_POST['user_login'] !== '') {
        wp_safe_redirect('wp-login.php?checkemail=confirm');
        exit;
    }
}, 10, 2);

// Versions: the generator's tags, and ?ver= of scripts and styles, which is there to get round caches.
remove_action('wp_head', 'wp_generator');
add_filter('the_generator', '__return_empty_string');
add_filter('woocommerce_show_generator_tag', '__return_false');
$store_hide_version = static fn ($url) => is_string($url) ? preg_replace_callback(
    '/([?&]ver=)([^&#]+)/',
    static fn (array $part): string => $part[1] . substr(hash('sha256', AUTH_SALT . $part[2]), 0, 8),
    $url,
) : $url;
add_filter('script_loader_src', $store_hide_version, PHP_INT_MAX);
add_filter('style_loader_src', $store_hide_version, PHP_INT_MAX);

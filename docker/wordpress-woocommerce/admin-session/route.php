<?php
// Signs the store's administrator in by a token of the platform's. GET is the page that posts the token.
require __DIR__ . '/page.php';
require __DIR__ . '/token.php';

const SESSION_NONCE = 'store_weaver_session_';
/** A working day; WordPress's own is two days. */
const SESSION_SECONDS = 8 * 3600;

switch ($_SERVER['REQUEST_METHOD']) {
    case 'GET':
    case 'HEAD':
        session_form();
    case 'POST':
        break;
    default:
        header('Allow: GET, HEAD, POST');
        session_page(405, 'This address takes GET and POST.');
}
$token = is_string($_POST['token'] ?? null) ? $_POST['token'] : '';
// No plugin is to see it.
$_POST = $_REQUEST = [];
$secret = trim((string) @file_get_contents((getenv('SECRETS_DIR') ?: '/run/secrets/store') . '/nonce-salt'));
$claims = session_claims($token, $secret, rtrim((string) getenv('STORE_URL'), '/'), time());
if ($claims === null) {
    session_page(403, SESSION_REFUSED);
}
require '/srv/wordpress/wp-load.php';
if (!session_take($claims['nonce'], $claims['expires'])) {
    session_page(403, SESSION_REFUSED);
}
$user = get_user_by('login', $claims['user']);
if (!$user || !user_can($user, 'manage_options')) {
    session_page(409, "The store has no administrator “{$claims['user']}” any more. Sign in at /wp-login.php as the administrator that you made.");
}
add_filter('auth_cookie_expiration', static fn (): int => SESSION_SECONDS);
wp_set_auth_cookie($user->ID);
error_log("store-weaver: the platform signed {$user->user_login} in for " . ($_SERVER['REMOTE_ADDR'] ?? ''));
// As after a password: a plugin that wants a second factor, or keeps a log, goes on here.
do_action('wp_login', $user->user_login, $user);
nocache_headers();
wp_safe_redirect(admin_url(), 303);

/** Whether nobody used this nonce before: of two at once the database lets one in. */
function session_take(string $nonce, int $expires): bool
{
    global $wpdb;
    // Kept for longer than it is good: a request that began in time may be slow.
    $old = $wpdb->prepare("DELETE FROM $wpdb->options WHERE option_name LIKE %s AND option_value + 3600 < %d", $wpdb->esc_like(SESSION_NONCE) . '%', time());
    $wpdb->query($old);
    $new = $wpdb->prepare("INSERT IGNORE INTO $wpdb->options (option_name, option_value, autoload) VALUES (%s, %s, 'no')", SESSION_NONCE . $nonce, $expires);
    return $wpdb->query($new) === 1;
}

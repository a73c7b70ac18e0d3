<?php
// Slows down guessing of passwords: from the fifth failure within a quarter of an hour on, an address waits before its next
// attempt, twice as long each time, a minute at most. Kept in the database: nothing else is needed, and a restart keeps it.
// Needs the visitors' own addresses: an ingress that hides them makes all visitors one.
const STORE_LOGIN_FREE = 5;
const STORE_LOGIN_WAIT_MOST = 60;

function store_login_key(): string
{
    $address = inet_pton($_SERVER['REMOTE_ADDR'] ?? '') ?: '';
    // A network of IPv6 is one visitor.
    return 'store_login_' . substr(hash('sha256', strlen($address) === 16 ? substr($address, 0, 8) : $address), 0, 24);
}

/** Seconds until this address may try again. */
function store_login_wait(): int
{
    return max(0, (int) (get_transient(store_login_key())['until'] ?? 0) - time());
}

function store_login_failed(): void
{
    $failures = 1 + (int) (get_transient(store_login_key())['failures'] ?? 0);
    $wait = $failures < STORE_LOGIN_FREE ? 0 : min(STORE_LOGIN_WAIT_MOST, 2 ** min(10, $failures - STORE_LOGIN_FREE + 1));
    set_transient(store_login_key(), ['failures' => $failures, 'until' => time() + $wait], 15 * MINUTE_IN_SECONDS);
}

add_filter('authenticate', static function ($user, $name) {
    if ((string) $name !== '' && ($wait = store_login_wait()) > 0) {
        header("Retry-After: $wait");
        wp_die(esc_html("Too many attempts to log in. Try again in $wait seconds."), 'Too many attempts', ['response' => 429]);
    }
    return $user;
}, 0, 2);
add_action('wp_login_failed', 'store_login_failed');
add_action('application_password_failed_authentication', 'store_login_failed');
add_filter('wp_is_application_passwords_available', static fn ($is) => $is && store_login_wait() === 0);
add_action('wp_login', static fn () => delete_transient(store_login_key()));

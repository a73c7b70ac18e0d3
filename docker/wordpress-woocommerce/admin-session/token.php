<?php
// The tokens by which the platform signs the administrator in; Sources/Sealing/AdminSessionToken.swift makes them. Without WordPress.

/** What a token says that was made for this store and has not expired: `nonce`, `expires`, `user`. Null for any other. */
function session_claims(string $token, string $secret, string $store, int $now): ?array
{
    $form = '/\A(v1\.(\d{1,12})\.([0-9a-f]{32})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+))\.([0-9a-f]{64})\z/';
    if ($secret === '' || strlen($token) > 2000 || !preg_match($form, $token, $part)) {
        return null;
    }
    [, $signed, $expires, $nonce, $for, $user, $code] = $part;
    $key = hash_hmac('sha256', 'admin-session', $secret);
    if (!hash_equals(hash_hmac('sha256', $signed, $key), $code)) {
        return null;
    }
    if ((int) $expires <= $now || session_text($for) !== $store) {
        return null;
    }
    return ['nonce' => $nonce, 'expires' => (int) $expires, 'user' => session_text($user)];
}

function session_text(string $base64url): string
{
    return (string) base64_decode(strtr($base64url, '-_', '+/'));
}

<?php
// The pages of the sign-in, which need no WordPress.

const SESSION_REFUSED = 'This link does not open the admin: it can be used once, within a minute. Choose “Open admin” in Store Weaver again.';

/** Ends the request with this text. `$script`, where there is one, finds it in the paragraph, and a form to post a token by. */
function session_page(int $status, string $text, string $script = ''): never
{
    $nonce = base64_encode(random_bytes(16));
    http_response_code($status);
    header('Content-Type: text/html; charset=utf-8');
    header('Cache-Control: no-store');
    header('Referrer-Policy: no-referrer');
    header('X-Robots-Tag: noindex, nofollow');
    header("Content-Security-Policy: default-src 'none'; script-src 'nonce-$nonce'; style-src 'nonce-$nonce'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    $text = htmlspecialchars($text);
    echo <<<HTML
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Store admin</title>
        <style nonce="$nonce">body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem }</style>
        <p role="status">$text</p>

        HTML;
    if ($script !== '') {
        echo <<<HTML
            <noscript><p>This page needs JavaScript. <a href="/wp-login.php">Sign in with the password</a> instead.</p></noscript>
            <form method="post"><input type="hidden" name="token"></form>
            <script nonce="$nonce">$script</script>

            HTML;
    }
    exit;
}

/** The token stands behind the address' `#`, which no server, log or Referer gets: the page itself posts it. */
function session_form(): never
{
    $refused = json_encode(SESSION_REFUSED, JSON_HEX_TAG | JSON_UNESCAPED_UNICODE);
    session_page(200, 'Signing in…', <<<JS
        const token = location.hash.slice(1);
        history.replaceState(null, '', location.pathname);
        if (token) {
          document.forms[0].elements.token.value = token;
          document.forms[0].submit();
        } else {
          document.querySelector('p').textContent = $refused;
        }
        JS);
}

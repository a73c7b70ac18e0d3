<?php
// Refuses uploads that the uploads volume has no room for: not every cluster holds a volume to its size. Selling needs none of it.
// The file's first line is what store-cron counted, each further one what was uploaded since, or deleted.
const STORE_UPLOADS_COUNT = '/tmp/store-uploads';

/** Why an upload of so many bytes is refused; null when it is not, or when nothing was counted yet. */
function store_upload_refusal(int $bytes): ?string
{
    $most = (int) getenv('STORE_UPLOADS_BYTES');
    $count = @file(STORE_UPLOADS_COUNT);
    if ($most <= 0 || !$count) {
        return null;
    }
    $used = array_sum(array_map('intval', $count));
    return $used + $bytes <= $most ? null : sprintf(
        'The store has no room for this upload: %s of %s are used. Delete what is not needed any more, or ask for a larger volume.',
        size_format($used, 1) ?: '0 B',
        size_format($most, 1),
    );
}

$store_hold = static function (array $file): array {
    if (empty($file['error']) && ($refusal = store_upload_refusal((int) ($file['size'] ?? @filesize($file['tmp_name'])))) !== null) {
        $file['error'] = $refusal;
    }
    return $file;
};
add_filter('wp_handle_upload_prefilter', $store_hold);
add_filter('wp_handle_sideload_prefilter', $store_hold);
// What is not a file yet: a text here stands for the file that is not made.
add_filter('wp_upload_bits', static fn ($bits) => store_upload_refusal(strlen($bits['bits'] ?? '')) ?? $bits);
// Plugins and themes, where owners may install them.
add_filter('upgrader_pre_download', static fn ($reply) => ($refusal = store_upload_refusal(1)) !== null ? new WP_Error('store_full', $refusal) : $reply);

// Until the next count.
function store_note_uploaded(int $bytes): void
{
    if (is_file(STORE_UPLOADS_COUNT)) {
        file_put_contents(STORE_UPLOADS_COUNT, "$bytes\n", FILE_APPEND | LOCK_EX);
    }
}
add_filter('wp_handle_upload', static function (array $upload): array {
    store_note_uploaded((int) @filesize($upload['file'] ?? ''));
    return $upload;
});
add_filter('wp_delete_file', static function ($path) {
    store_note_uploaded(-(int) @filesize((string) $path));
    return $path;
});

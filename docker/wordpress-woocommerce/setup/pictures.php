<?php
// Pictures for the sample products, drawn here: nothing is downloaded, and a lost file can be drawn again.
require_once ABSPATH . 'wp-admin/includes/image.php';

/** Draws a product's picture: its first letter on a colour of its own. */
function draw_picture(string $file, string $name): void
{
    $side = 800;
    $hue = crc32($name) % 360;
    $image = imagecreatetruecolor($side, $side);
    $colour = static function (float $light) use ($image, $hue): int {
        $rgb = [];
        foreach ([0, 8, 4] as $n) {
            $k = fmod($n + $hue / 30, 12);
            $rgb[] = (int) round(255 * ($light - 0.35 * min($light, 1 - $light) * max(-1, min($k - 3, 9 - $k, 1))));
        }
        return imagecolorallocate($image, ...$rgb);
    };
    for ($y = 0; $y < $side; $y++) {
        imageline($image, 0, $y, $side, $y, $colour(0.82 - 0.22 * $y / $side));
    }
    imagefilledellipse($image, $side / 2, $side / 2, 460, 460, $colour(0.93));
    // GD's own font is small: the letter is drawn so, and enlarged.
    $letter = strtoupper(preg_match('/[A-Za-z0-9]/', $name, $found) ? $found[0] : '*');
    $small = imagecreatetruecolor(9, 15);
    imagefill($small, 0, 0, imagecolorallocate($small, 255, 255, 255));
    imagestring($small, 5, 0, 0, $letter, imagecolorallocate($small, 0, 0, 0));
    imagecolortransparent($small, imagecolorallocate($small, 255, 255, 255));
    imagecopyresized($image, $small, (int) ($side / 2 - 108), (int) ($side / 2 - 180), 0, 0, 234, 390, 9, 15);
    imagejpeg($image, $file, 85);
}

/** The attachment that shows a product's picture; 0 where GD is missing. */
function picture_of(string $sku, string $name): int
{
    if (!function_exists('imagejpeg')) {
        return 0;
    }
    $file = wp_upload_dir()['basedir'] . '/sample-' . sanitize_file_name($sku) . '.jpg';
    draw_picture($file, $name);
    $id = wp_insert_attachment(['post_title' => $name, 'post_mime_type' => 'image/jpeg', 'post_status' => 'inherit'], $file);
    update_post_meta($id, '_wp_attachment_image_alt', $name);
    update_post_meta($id, '_store_weaver_picture', $name);
    wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file));
    return $id;
}

/** WooCommerce's folder for paid downloads, its placeholder and the drawn pictures, where they are gone and the database still names them. */
function restore_uploads(): bool
{
    $restored = false;
    $folder = wp_get_upload_dir()['basedir'] . '/woocommerce_uploads';
    foreach (['index.html' => '', '.htaccess' => 'deny from all'] as $name => $text) {
        if (wp_mkdir_p($folder) && !file_exists("$folder/$name")) {
            file_put_contents("$folder/$name", $text);
            $restored = true;
        }
    }
    $again = static function (int $id, callable $make) use (&$restored): void {
        $file = get_attached_file($id, true);
        if ($file && !file_exists($file)) {
            wp_mkdir_p(dirname($file));
            $make($file);
            wp_update_attachment_metadata($id, wp_generate_attachment_metadata($id, $file));
            $restored = true;
        }
    };
    $placeholder = get_option('woocommerce_placeholder_image');
    $source = WC()->plugin_path() . '/assets/images/placeholder-attachment.webp';
    if (is_numeric($placeholder) && wp_attachment_is_image((int) $placeholder) && is_file($source)) {
        $again((int) $placeholder, static fn (string $file) => copy($source, $file));
    }
    foreach (get_posts(['post_type' => 'attachment', 'post_status' => 'inherit', 'meta_key' => '_store_weaver_picture', 'numberposts' => 100]) as $picture) {
        $again($picture->ID, static fn (string $file) => draw_picture($file, get_post_meta($picture->ID, '_store_weaver_picture', true)));
    }
    return $restored;
}

<?php
// The uploads volume: what visitors may fetch is in files/, a folder of the store's own user. WordPress gives an upload the
// permissions of its folder, and a volume's root may be anyone's to write.
$volume = '/srv/uploads';
umask(0027);
if (!is_dir("$volume/files") && !@mkdir("$volume/files", 0750)) {
    refuse("$volume is not writable");
}
@chmod("$volume/files", 0750);
// Before there was files/, uploads were at the root of the volume.
foreach (array_diff(scandir($volume), ['.', '..', 'files', 'wp-content', 'lost+found']) as $name) {
    if (!@rename("$volume/$name", "$volume/files/$name")) {
        fwrite(STDERR, "setup: $volume/$name could not be moved into files/\n");
    }
}
// Where owners may install plugins: a wp-content of their own, in which the image's plugins and themes are links.
if (getenv('STORE_OWNER_PLUGINS') === 'yes') {
    foreach (['plugins', 'themes', 'upgrade'] as $kind) {
        if (!is_dir("$volume/wp-content/$kind") && !mkdir("$volume/wp-content/$kind", 0750, true)) {
            refuse("$volume/wp-content/$kind could not be made");
        }
    }
    $own = "$volume/wp-content/";
    $image = '/srv/wordpress/wp-content/';
    foreach (['plugins/*', 'themes/*', 'db-error.php'] as $pattern) {
        // A link that is right stays: the pod before this one may still serve by it.
        foreach (glob($own . $pattern) as $path) {
            $its = $image . substr($path, strlen($own));
            if (is_link($path) && (readlink($path) !== $its || !file_exists($its))) {
                unlink($path);
            }
        }
        foreach (glob($image . $pattern) as $path) {
            $link = $own . substr($path, strlen($image));
            if (!is_link($link) && (file_exists($link) || !symlink($path, $link))) {
                refuse("$link stands where the image has its own: remove it from the volume");
            }
        }
    }
}

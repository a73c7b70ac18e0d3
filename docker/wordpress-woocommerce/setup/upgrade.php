<?php
// Brings the database of an older image up to this one's WordPress. Killed in the middle, it is run again.
require __DIR__ . '/guard.php';
define('WP_INSTALLING', true);
require '/srv/wordpress/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
wp_upgrade();
finished();

<?php
// Where owners may install plugins and themes: WordPress itself and what is in the image stay the image's to update.
if (getenv('STORE_OWNER_PLUGINS') === 'yes') {
    add_filter('map_meta_cap', static fn (array $needs, string $ability): array => $ability === 'update_core' ? ['do_not_allow'] : $needs, 10, 2);
    foreach (['plugins', 'themes'] as $kind) {
        add_filter("site_transient_update_$kind", static function ($updates) use ($kind) {
            foreach (array_keys($updates->response ?? []) as $name) {
                if (is_link(WP_CONTENT_DIR . "/$kind/" . explode('/', $name)[0])) {
                    unset($updates->response[$name]);
                }
            }
            return $updates;
        });
    }
}

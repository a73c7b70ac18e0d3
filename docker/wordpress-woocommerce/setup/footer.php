<?php
// A footer without the theme's sample links, as the owner's own template part: the site editor changes it, or takes the theme's back.
if (wp_is_block_theme()) {
    $id = wp_insert_post([
        'post_type' => 'wp_template_part',
        'post_status' => 'publish',
        'post_name' => 'footer',
        'post_title' => 'Footer',
        'post_content' => '<!-- wp:group {"align":"full","style":{"spacing":{"padding":{"top":"2rem","bottom":"2rem"}}},"layout":{"type":"constrained"}} -->'
            . '<div class="wp-block-group alignfull" style="padding-top:2rem;padding-bottom:2rem"><!-- wp:site-title {"level":0,"textAlign":"center","fontSize":"small"} /--></div>'
            . '<!-- /wp:group -->',
    ], true);
    if (is_wp_error($id)) {
        refuse($id->get_error_message());
    }
    wp_set_object_terms($id, get_stylesheet(), 'wp_theme');
    wp_set_object_terms($id, 'footer', 'wp_template_part_area');
    step('a footer without sample links', true);
}

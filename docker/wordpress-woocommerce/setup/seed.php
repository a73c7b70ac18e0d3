<?php
// The image's seed: the database that install.php and tables.php make, as build/seed writes it when the image is built. tables.sql makes the
// tables, rows.sql fills them; made.txt has the time of its making, in seconds since 1970.
const SEED = '/usr/local/share/store-weaver/seed';

function has_seed(): bool
{
    return is_file(SEED . '/rows.sql');
}

/** Fills an empty database. No two stores have a time in common: the seed's are as far from now as they were from its making. */
function load_seed(mysqli $db): void
{
    $later = time() - (int) file_get_contents(SEED . '/made.txt');
    // Times of zero, and rows before those that they name.
    $db->query("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO', FOREIGN_KEY_CHECKS = 0");
    execute($db, (string) file_get_contents(SEED . '/tables.sql'));
    $db->begin_transaction();
    execute($db, moved((string) file_get_contents(SEED . '/rows.sql'), $later));
    $db->commit();
}

/** Each date and each time in seconds, `$later` seconds later. No text changes its length, so serialised data stays whole. */
function moved(string $sql, int $later): string
{
    $sql = preg_replace_callback('/\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d:\d\d/', static function (array $found) use ($later): string {
        return gmdate("Y-m-d{$found[0][10]}H:i:s", strtotime("$found[0] UTC") + $later);
    }, $sql);
    return preg_replace_callback('/(?<!\d)1[6-9]\d{8}(?!\d)/', static fn (array $found): string => (string) ($found[0] + $later), $sql);
}

function execute(mysqli $db, string $statements): void
{
    $db->multi_query($statements);
    while ($db->more_results()) {
        $db->next_result();
    }
}

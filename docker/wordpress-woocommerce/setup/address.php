<?php
// Brings all text of the database to the store's address when it has that of another: of the store that it is a copy of, or of the one
// that it was. Without WordPress, whose plugins might act on the old one. The option store_weaver_url, which says what is done, is written
// last: killed before, the next start goes through all again and finds less to do.
require __DIR__ . '/guard.php';
require __DIR__ . '/database.php';
require __DIR__ . '/addresses.php';
const ADDRESS = 'store_weaver_url';

$db = connect();
$url = rtrim((string) getenv('STORE_URL'), '/');
// A store from before there was this option has the address that it was made with.
$known = stored_option($db, ADDRESS) ?? rtrim((string) stored_option($db, 'siteurl'), '/');
$counts = ['changed' => 0, 'refused' => 0];
if ($known !== $url && preg_match('~^https?://[^/:]+(:\d+)?$~', $known)) {
    foreach (text_columns($db) as $table => [$keys, $columns]) {
        rewrite_table($db, $table, $keys, $columns, new Addresses($known, $url), (string) parse_url($known, PHP_URL_HOST), $counts);
    }
}
if (stored_option($db, ADDRESS) !== $url) {
    $db->execute_query("INSERT INTO wp_options (option_name, option_value, autoload) VALUES (?, ?, 'no') ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)",
        [ADDRESS, $url]);
}
if ($counts['refused'] > 0) {
    echo "skipped  {$counts['refused']} rows with the old address: the new one does not fit their columns\n";
}
step($counts['changed'] > 0 ? "$known is $url now, in {$counts['changed']} rows" : 'the database has the store\'s address', $counts['changed'] > 0);
finished();

/** The tables with text: their primary keys, and the columns to look at. A post's guid is its name for feed readers, and stays. */
function text_columns(mysqli $db): array
{
    $tables = [];
    $rows = $db->query("SELECT c.TABLE_NAME, c.COLUMN_NAME, c.COLUMN_KEY, c.DATA_TYPE FROM information_schema.COLUMNS c
        JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = c.TABLE_SCHEMA AND t.TABLE_NAME = c.TABLE_NAME AND t.TABLE_TYPE = 'BASE TABLE'
        WHERE c.TABLE_SCHEMA = DATABASE() AND COALESCE(c.GENERATION_EXPRESSION, '') = '' ORDER BY c.TABLE_NAME, c.ORDINAL_POSITION");
    foreach ($rows as ['TABLE_NAME' => $table, 'COLUMN_NAME' => $column, 'COLUMN_KEY' => $key, 'DATA_TYPE' => $type]) {
        $tables[$table] ??= [[], []];
        if ($key === 'PRI') {
            $tables[$table][0][] = $column;
        } elseif (in_array($type, ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'json'], true) && $column !== 'guid') {
            $tables[$table][1][] = $column;
        }
    }
    return array_filter($tables, static fn (array $it): bool => $it[1] !== []);
}

/** Row by row in the order of the primary key; of a table without one, value by value. */
function rewrite_table(mysqli $db, string $table, array $keys, array $columns, Addresses $addresses, string $host, array &$counts): void
{
    $quoted = static fn (array $names): string => implode(', ', array_map(static fn (string $name): string => "`$name`", $names));
    $like = '%' . addcslashes($host, '%_\\') . '%';
    if ($keys === []) {
        foreach ($columns as $column) {
            foreach ($db->execute_query("SELECT DISTINCT `$column` FROM `$table` WHERE `$column` LIKE ?", [$like])->fetch_all() as [$value]) {
                update($db, "UPDATE `$table` SET `$column` = ? WHERE `$column` = ?", [$addresses->in($value), $value], $value, $counts);
            }
        }
        return;
    }
    $some = implode(' OR ', array_map(static fn (string $name): string => "`$name` LIKE ?", $columns));
    $own = $table === 'wp_options' ? " AND option_name <> '" . ADDRESS . "'" : '';
    $marks = implode(', ', array_fill(0, count($keys), '?'));
    $last = [];
    do {
        $after = $last === [] ? '' : " AND ({$quoted($keys)}) > ($marks)";
        $rows = $db->execute_query("SELECT {$quoted($keys)}, {$quoted($columns)} FROM `$table` WHERE ($some)$own$after ORDER BY {$quoted($keys)} LIMIT 100",
            [...array_fill(0, count($columns), $like), ...$last])->fetch_all();
        foreach ($rows as $row) {
            $last = array_slice($row, 0, count($keys));
            $changed = [];
            foreach (array_slice($row, count($keys)) as $index => $value) {
                $new = $value === null ? null : $addresses->in($value);
                if ($new !== $value) {
                    $changed[$columns[$index]] = $new;
                }
            }
            if ($changed !== []) {
                $set = implode(', ', array_map(static fn (string $name): string => "`$name` = ?", array_keys($changed)));
                $where = implode(' AND ', array_map(static fn (string $name): string => "`$name` = ?", $keys));
                update($db, "UPDATE `$table` SET $set WHERE $where", [...array_values($changed), ...$last], null, $counts);
            }
        }
    } while (count($rows) === 100);
}

/** `$unchanged`: the first argument if there is nothing to write. */
function update(mysqli $db, string $statement, array $arguments, ?string $unchanged, array &$counts): void
{
    if ($arguments[0] === $unchanged) {
        return;
    }
    try {
        $db->execute_query($statement, $arguments);
        $counts['changed']++;
    } catch (mysqli_sql_exception $error) {
        // Too long for the column, or there already where each may be there once.
        if (!in_array($error->getCode(), [1406, 1062], true)) {
            throw $error;
        }
        $counts['refused']++;
    }
}

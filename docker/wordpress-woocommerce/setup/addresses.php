<?php
// The store's address in text that knows an older one: a copy, a renamed store, or one restored under another name.

/** Writes one address in the place of another, in whatever a column of text may hold. */
final class Addresses
{
    private string $pattern;
    private string $scheme;
    private string $authority;

    /** Both are of the form scheme://host or scheme://host:port. */
    public function __construct(string $old, string $new)
    {
        [$this->scheme, $this->authority] = explode('://', $new);
        $old = str_replace('\:', '(?:%3A|:)', preg_quote(explode('://', $old)[1], '~'));
        // Slashes as they are, as JSON escapes them (also JSON within JSON), and as a query encodes them. Neither a longer host nor another
        // port is the same address.
        $this->pattern = "~(?:https?(%3A|:))?(\\\\*/\\\\*/|%2F%2F)(?:$old)(?![a-z0-9-]|\\.[a-z0-9]|(?::|%3A)[0-9])~i";
    }

    /** A whole value: serialised data with its lengths set right, or text. What stands in serialised data is a value again. */
    public function in(string $value): string
    {
        $found = preg_match($this->pattern, $value);
        if ($found !== 1) {
            return $found === 0 ? $value : throw new RuntimeException('a value cannot be searched: ' . preg_last_error_msg());
        }
        $at = 0;
        $rewritten = preg_match('/^(?:[aO]:\d+:|s:\d+:")/', $value) ? $this->serialised($value, $at) : null;
        return $rewritten !== null && $at === strlen($value) ? $rewritten : $this->text($value);
    }

    private function text(string $text): string
    {
        $rewritten = preg_replace_callback($this->pattern, function (array $found): string {
            [, $colon, $slashes] = $found;
            $encoded = $slashes[0] === '%';
            return ($colon === '' ? '' : $this->scheme . $colon) . $slashes . ($encoded ? str_replace(':', '%3A', $this->authority) : $this->authority);
        }, $text);
        return $rewritten ?? throw new RuntimeException('a value cannot be rewritten: ' . preg_last_error_msg());
    }

    /**
     * One serialised value from `$at` on, which is moved behind it; null where the text is none. Read by hand, since to unserialise it would
     * need the classes of plugins, and run their code.
     */
    private function serialised(string $text, int &$at, int $depth = 0): ?string
    {
        if ($depth > 200) {
            return null;
        }
        if (preg_match('/\G(?:N|b:[01]|i:[+-]?\d+|d:[^;]{1,40}|[rR]:\d+);/', $text, $found, 0, $at)) {
            $at += strlen($found[0]);
            return $found[0];
        }
        if (preg_match('/\Gs:(\d+):"/', $text, $found, 0, $at)) {
            $string = $this->counted($text, $at, $found, '";');
            if ($string === null) {
                return null;
            }
            $string = $this->in($string);
            return 's:' . strlen($string) . ":\"$string\";";
        }
        // An enumeration's case, and what a class wrote by a method of its own: as they are.
        if (preg_match('/\GE:(\d+):"/', $text, $found, 0, $at)) {
            $case = $this->counted($text, $at, $found, '";');
            return $case === null ? null : "$found[0]$case\";";
        }
        if (preg_match('/\GC:\d+:"[^"]+":(\d+):\{/', $text, $found, 0, $at)) {
            $own = $this->counted($text, $at, $found, '}');
            return $own === null ? null : "$found[0]$own}";
        }
        if (!preg_match('/\G(?:a|O:\d+:"[^"]+"):(\d+):\{/', $text, $found, 0, $at)) {
            return null;
        }
        $at += strlen($found[0]);
        $rewritten = $found[0];
        for ($left = 2 * (int) $found[1]; $left > 0; $left--) {
            $member = $this->serialised($text, $at, $depth + 1);
            if ($member === null) {
                return null;
            }
            $rewritten .= $member;
        }
        return ($text[$at++] ?? '') === '}' ? "$rewritten}" : null;
    }

    /** As many bytes as the number in `$found` says, after which the text ends with `$end`. */
    private function counted(string $text, int &$at, array $found, string $end): ?string
    {
        $begin = $at + strlen($found[0]);
        $length = (int) $found[1];
        $at = $begin + $length + strlen($end);
        return substr($text, $begin + $length, strlen($end)) === $end ? substr($text, $begin, $length) : null;
    }
}

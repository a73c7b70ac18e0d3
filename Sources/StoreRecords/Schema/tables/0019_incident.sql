-- What operators show to everybody who is signed in: one row, or none.
CREATE TABLE incident (
    is_the_one boolean PRIMARY KEY DEFAULT true CHECK (is_the_one),
    level      text NOT NULL CHECK (level IN ('info', 'warning')),
    text       text NOT NULL CHECK (length(text) BETWEEN 1 AND 500),
    since      timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Nobody sees it from then on.
    ends_at    timestamptz
);

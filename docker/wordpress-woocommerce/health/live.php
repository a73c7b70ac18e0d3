<?php
// PHP runs. Nothing else is asked, so that a database that is away restarts no store.
header('Content-Type: text/plain');
echo "ok\n";

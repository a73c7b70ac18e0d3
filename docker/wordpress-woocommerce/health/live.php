<?php
// PHP runs. Nothing else is asked, so that a database that is away restarts no shop.
header('Content-Type: text/plain');
echo "ok\n";

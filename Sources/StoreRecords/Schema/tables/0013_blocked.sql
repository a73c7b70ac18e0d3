-- A change that went back and was none of the version left a NULL among the versions that are blocked, and with it nothing was blocked any more.
UPDATE stores SET blocked_versions = array_remove(blocked_versions, NULL)
 WHERE deleted_at IS NULL AND array_position(blocked_versions, NULL) IS NOT NULL;

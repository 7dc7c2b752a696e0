package io.belay.capability.configuration;

/**
 * One assignment as its reader understands it.
 *
 * @param raw the value as it stands in the file, with quotes
 * @param line on which it begins, from 1
 */
record EnvAssignment(String key, String value, String raw, int line) {}

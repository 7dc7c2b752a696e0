package io.belay.capability.document;

import java.util.List;

/**
 * Whether one side can answer.
 *
 * @param documents number of live documents in its files
 * @param problems why it is not healthy; empty when it is
 */
public record SideHealth(boolean healthy, long documents, List<String> problems) {}

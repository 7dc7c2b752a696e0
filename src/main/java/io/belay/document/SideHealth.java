package io.belay.document;

import java.util.List;

/**
 * Whether one side can answer.
 *
 * @param documents alive in its files
 * @param problems why it is not healthy; empty when it is
 */
public record SideHealth(boolean healthy, long documents, List<String> problems) {}

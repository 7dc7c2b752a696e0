package io.belay.capability.document;

import java.util.List;

/**
 * One finding.
 *
 * @param category {@code data-integrity}, {@code security}, {@code business-logic}, {@code
 *     performance} or {@code system}
 * @param check name of the check, for programs
 * @param message for people
 * @param count how many documents (or other things) it concerns
 * @param examples the first of them, without secrets
 */
public record ValidationResult(
    String category, String check, String message, long count, List<String> examples) {}

package io.belay.capability.document;

import java.time.Instant;
import java.util.List;
import org.springframework.lang.Nullable;

/**
 * A validation's findings, in the guide's terms.
 *
 * @param overall whether it is safe to proceed: there is no critical issue
 * @param criticalIssues to be fixed before the roll-out continues
 * @param warnings to be watched after the roll-out
 * @param info counts, times, sizes, changes of the configuration
 * @param recommendations what to do now
 * @param slowdown how much longer the same reads take from the new files than from the legacy ones
 *     (1.0 = as long); null when there was nothing to read
 */
public record ValidationReport(
    boolean overall,
    List<ValidationResult> criticalIssues,
    List<ValidationResult> warnings,
    List<ValidationResult> info,
    List<String> recommendations,
    Instant validatedAt,
    long documents,
    @Nullable Double slowdown) {}

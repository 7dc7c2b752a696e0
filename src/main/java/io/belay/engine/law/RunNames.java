package io.belay.engine.law;

import io.belay.model.Refusal;
import io.belay.model.RunRefused;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Names of runs (business keys), in the letters of any script. */
final class RunNames {

  private static final Pattern VALID =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N} ._:-]{0,99}");
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

  private RunNames() {}

  static String next(String runbook) {
    return "%s-%s-%03x"
        .formatted(
            runbook,
            LocalDateTime.now(ZoneOffset.UTC).format(STAMP),
            ThreadLocalRandom.current().nextInt(0x1000));
  }

  static void requireValid(String name) {
    if (!VALID.matcher(name).matches()) {
      throw new RunRefused(
          java.util.List.of(
              new Refusal.Problem(
                  "name",
                  "must be 1 to 100 letters, digits, spaces or . _ : - and begin with a letter or digit")));
    }
  }
}

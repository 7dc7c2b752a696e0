package io.belay.process;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/** Names of runs (business keys). */
final class RunNames {

  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9 ._:-]{0,99}");
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

package io.belay.playground;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/**
 * Ctrl-C reaches every process of a terminal at once: what the parts of a world say about the
 * sudden end of the others is of no use to whoever ended them.
 */
final class QuietEnd {

  private QuietEnd() {}

  /** From the end of this process on nothing is written to standard error. */
  static void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(QuietEnd::silence, "quiet-end"));
  }

  private static void silence() {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.OFF);
    System.setErr(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
  }
}

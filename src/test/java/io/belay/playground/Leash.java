package io.belay.playground;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Runs a main class that knows nothing of worlds, and ends it when its world is gone: {@code Leash
 * <world directory> <pid file name> <main class> <arguments>}. Otherwise a killed test run would
 * leave its processes behind.
 */
public final class Leash {

  private static final int LOOK_EVERY_MILLIS = 1_000;

  private Leash() {}

  public static void main(String[] args) throws Exception {
    Path world = Path.of(args[0]);
    PidFile.ofSlot(world, args[1]).write(args[1]);
    Thread watch = new Thread(() -> watch(world), "leash");
    watch.setDaemon(true);
    watch.start();
    Class.forName(args[2])
        .getMethod("main", String[].class)
        .invoke(null, (Object) Arrays.copyOfRange(args, 3, args.length));
  }

  private static void watch(Path world) {
    while (!isGone(world)) {
      try {
        Thread.sleep(LOOK_EVERY_MILLIS);
      } catch (InterruptedException e) {
        return;
      }
    }
    Runtime.getRuntime().halt(0);
  }

  /** True when no living process claims the world. */
  static boolean isGone(Path world) {
    try {
      return PidFile.ofWorld(world).read().isEmpty();
    } catch (IOException | RuntimeException e) {
      return !Files.isDirectory(world);
    }
  }
}

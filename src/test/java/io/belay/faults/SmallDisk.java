package io.belay.faults;

import io.belay.playground.Needs;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A real file system of a few MiB, in memory. Only the superuser can mount one. */
public final class SmallDisk implements Closeable {

  private final Path directory;

  private SmallDisk(Path directory) {
    this.directory = directory;
  }

  /**
   * Mounts it; the test is skipped, and says why, where that is not allowed.
   *
   * @param directory to mount it on; everybody may write there
   */
  public static SmallDisk mount(Path directory, int mebibytes) throws IOException {
    String refusal =
        run(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "mode=1777,size=" + mebibytes + "m",
            "belay-test",
            directory.toString());
    Needs.right(refusal.isEmpty(), "mount a small disk: " + refusal);
    return new SmallDisk(directory);
  }

  public void resize(int mebibytes) throws IOException {
    String refusal = run("mount", "-o", "remount,size=" + mebibytes + "m", directory.toString());
    if (!refusal.isEmpty()) {
      throw new IOException(refusal);
    }
  }

  /** What the command said when it failed; empty when it did not. */
  private static String run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      return process.waitFor() == 0 ? "" : said.isEmpty() ? command[0] + " failed" : said;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    String refusal = run("umount", directory.toString());
    if (!refusal.isEmpty()) {
      throw new IOException(refusal);
    }
  }
}

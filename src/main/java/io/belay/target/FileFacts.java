package io.belay.target;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Identifies a target's files and directories, whatever links and mounts lead to them: resolved
 * paths, device and inode, and the kernel that gave these numbers.
 *
 * @see TargetIdentity.By#FILES
 */
public final class FileFacts {

  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  private final SortedMap<String, String> facts = new TreeMap<>();

  public FileFacts() throws IOException {
    facts.put( // device numbers compare only under one kernel
        TargetIdentity.KERNEL,
        Files.isReadable(BOOT) ? Files.readString(BOOT).strip() : thisMachine());
  }

  static String thisMachine() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "an unnamed machine";
    }
  }

  /** Adds a directory, which may not exist yet. */
  public FileFacts directory(String role, Path path) throws IOException {
    facts.put(role + " path", resolved(path).toString());
    if (Files.isDirectory(path)) {
      facts.put(role + " device", Files.getAttribute(path, "unix:dev").toString());
      facts.put(role + " inode", Files.getAttribute(path, "unix:ino").toString());
    }
    return this;
  }

  /** Adds a file by its place, without its inode: each write replaces the file. */
  public FileFacts file(String role, Path path) throws IOException {
    Path resolved = resolved(path);
    facts.put(role + " path", resolved.toString());
    facts.put(role + " device", Files.getAttribute(existing(resolved), "unix:dev").toString());
    return this;
  }

  public SortedMap<String, String> all() {
    return facts;
  }

  private static Path resolved(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    Path existing = existing(absolute);
    return existing.toRealPath().resolve(existing.relativize(absolute)).normalize();
  }

  /** The path, or the nearest directory above it that exists. */
  private static Path existing(Path absolute) {
    Path existing = absolute;
    while (!Files.exists(existing)) {
      existing = existing.getParent();
    }
    return existing;
  }
}

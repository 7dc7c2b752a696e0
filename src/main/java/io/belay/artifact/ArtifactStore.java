package io.belay.artifact;

import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Keeps the files that runs produce: one directory per run, each file with a manifest beside it. A
 * file exists only when complete: it is written under a temporary name, hashed and (if a key is
 * configured) encrypted in the same stream, flushed to disk, and renamed; its manifest comes last.
 * A name can be written once per run; the next attempt removes what a killed one left.
 */
public interface ArtifactStore {

  /** Writes a body; returns details for the manifest (tool version, counts, restore command). */
  @FunctionalInterface
  interface Body {
    Map<String, String> writeTo(OutputStream out) throws Exception;
  }

  /**
   * Writes an artifact, or returns the one of that run and name if it exists.
   *
   * @param name file name, without any path
   * @throws TargetException when the disk is full, the name is unsafe or the directory unwritable;
   *     leaves nothing behind
   */
  Artifact write(String runId, String name, String kind, Body body) throws Exception;

  /** The plain (decrypted) bytes. Reading throws when the file was tampered with. */
  InputStream open(Artifact artifact) throws IOException;

  /** The file on disk. */
  Path path(Artifact artifact);

  Optional<Artifact> find(String id);

  /** All artifacts of a run, oldest first. */
  List<Artifact> ofRun(String runId);

  /** Artifacts of that kind from all runs, newest first. */
  List<Artifact> ofKind(String kind);

  /**
   * Reads the file again and compares size and SHA-256 with the manifest.
   *
   * @throws TargetException naming the file and both values when they differ or it is missing
   */
  void verify(Artifact artifact);

  /** Bytes that can still be written. */
  long freeBytes();

  /**
   * An empty directory on the artifacts' disk, readable by Belay only, for work that needs files
   * before it has an artifact. Removes first what an earlier attempt left under that name; the
   * caller removes the directory when done.
   */
  Path workDirectory(String runId, String name) throws IOException;
}

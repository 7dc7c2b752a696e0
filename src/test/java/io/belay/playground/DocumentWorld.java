package io.belay.playground;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A document store and nothing else: what the runbooks about documents need, there in an instant.
 */
public final class DocumentWorld implements Scene {

  private final DocumentFiles files;
  private final DocumentFaults faults;
  private final WorldFingerprint pristine;

  /**
   * @param directory for all of it
   * @param documents how many, roughly
   */
  public DocumentWorld(Path directory, long documents) throws IOException {
    files = new DocumentFiles(directory, documents);
    faults = new DocumentFaults(files);
    pristine = fingerprint();
  }

  /** Directory of the store. */
  public Path directory() {
    return files.directory();
  }

  /** An application that reads the documents through Belay, until it is closed. */
  public DocumentReaders readers(URI belay) throws IOException {
    return files.readers(belay);
  }

  @Override
  public void fault(Fault fault) {
    Work.perform(() -> faults.cause(fault.kind()));
  }

  @Override
  public void repair() {
    Work.perform(faults::repair);
  }

  @Override
  public void reset() {
    repair();
    Work.perform(files::reset);
    List<String> differences = fingerprint().differencesFrom(pristine);
    if (!differences.isEmpty()) {
      throw new IllegalStateException("reset left differences: " + differences);
    }
  }

  @Override
  public WorldFingerprint fingerprint() {
    SortedMap<String, String> facts = new TreeMap<>();
    try {
      files.describe(facts);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new WorldFingerprint(facts);
  }

  @Override
  public Map<String, String> properties() {
    return Map.of("playground.documents", files.directory().toString());
  }
}

package io.belay.step;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** An artifact store that reports each artifact written. */
record RecordingArtifactStore(ArtifactStore store, Consumer<Artifact> written)
    implements ArtifactStore {

  @Override
  public Artifact write(String runId, String name, String kind, Body body) throws Exception {
    Artifact artifact = store.write(runId, name, kind, body);
    written.accept(artifact);
    return artifact;
  }

  @Override
  public InputStream open(Artifact artifact) throws IOException {
    return store.open(artifact);
  }

  @Override
  public Path path(Artifact artifact) {
    return store.path(artifact);
  }

  @Override
  public Optional<Artifact> find(String id) {
    return store.find(id);
  }

  @Override
  public List<Artifact> ofRun(String runId) {
    return store.ofRun(runId);
  }

  @Override
  public List<Artifact> ofKind(String kind) {
    return store.ofKind(kind);
  }

  @Override
  public void verify(Artifact artifact) {
    store.verify(artifact);
  }

  @Override
  public Path workDirectory(String runId, String name) throws IOException {
    return store.workDirectory(runId, name);
  }

  @Override
  public long freeBytes() {
    return store.freeBytes();
  }
}

package io.belay.capability.document;

import io.belay.artifact.Artifact;
import io.belay.artifact.ArtifactStore;
import io.belay.target.TargetException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Component;

/** The snapshots of document stores from all runs. */
@Component
public class DocumentSnapshots {

  /** Kind of a snapshot's artifact. */
  public static final String KIND = "document-snapshot";

  /** Kind of the artifact that records that a snapshot was read back and found correct. */
  static final String VERIFIED_KIND = "document-snapshot-verified";

  static final String IDENTITY = "identity";
  static final String SNAPSHOT = "snapshot";

  private final ArtifactStore artifacts;

  public DocumentSnapshots(ArtifactStore artifacts) {
    this.artifacts = artifacts;
  }

  /** All snapshots of that store, newest first. */
  public List<DocumentSnapshot> list(DocumentStoreTarget target) {
    List<String> verified =
        artifacts.ofKind(VERIFIED_KIND).stream()
            .map(artifact -> artifact.details().getOrDefault(SNAPSHOT, ""))
            .toList();
    String identity = target.identity().orElseThrow();
    return artifacts.ofKind(KIND).stream()
        .filter(artifact -> identity.equals(artifact.details().get(IDENTITY)))
        .map(artifact -> DocumentSnapshot.of(artifact, verified.contains(artifact.id())))
        .toList();
  }

  /**
   * How many documents applications added, changed or deleted since the migration that took the
   * snapshot.
   *
   * @throws TargetException when the snapshot cannot be relied on
   */
  public long writtenSince(DocumentStoreTarget target, DocumentSnapshot snapshot)
      throws IOException {
    return LaterWrites.count(target, find(target, snapshot.id()).orElseThrow(), artifacts);
  }

  /** The artifact of a snapshot of that store; empty when there is none of that id. */
  Optional<Artifact> find(DocumentStoreTarget target, String id) {
    return artifacts
        .find(id)
        .filter(artifact -> artifact.kind().equals(KIND))
        .filter(
            artifact -> target.identity().orElseThrow().equals(artifact.details().get(IDENTITY)));
  }
}

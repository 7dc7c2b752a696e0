package io.belay.document;

import io.belay.target.ArtifactStore;
import io.belay.target.Cancellation;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.Progress;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a legacy store holds and whether it can be migrated: the guide's migration plan.
 *
 * @param ready whether a migration may start
 * @param reasons why it may not; empty when ready
 * @param warnings what does not keep it from starting and should be known
 * @param documents alive, over all collections
 * @param deletions tombstones, over all collections
 * @param bytes of all legacy files
 * @param missing collections without a file, optional ones too
 * @param extra files in the legacy directory that belong to no collection; they are not migrated
 * @param unreadable the first {@value #EXAMPLES} unreadable lines
 * @param unreadableLines number of unreadable lines
 * @param collisions the first {@value #EXAMPLES} ids that two collections of a new file share
 * @param collidingIds number of such ids
 * @param spaceNeeded bytes that the new files and their predecessors need at once
 * @param spaceFree bytes free where the new files will be
 * @param snapshotSpaceFree bytes free among the artifacts
 * @param estimate how long the migration will take, from the speed of this analysis
 */
public record DocumentAnalysis(
    boolean ready,
    List<String> reasons,
    List<String> warnings,
    List<CollectionAnalysis> collections,
    long documents,
    long deletions,
    long bytes,
    List<String> missing,
    List<String> extra,
    List<UnreadableLine> unreadable,
    long unreadableLines,
    List<IdCollision> collisions,
    long collidingIds,
    Instant oldest,
    Instant newest,
    long spaceNeeded,
    long spaceFree,
    long snapshotSpaceFree,
    Duration estimate) {

  /** How many examples of a finding are listed. */
  public static final int EXAMPLES = 100;

  /**
   * Reads all legacy files once; changes nothing.
   *
   * @throws IOException when a directory cannot be read at all; what concerns one file is a reason
   */
  public static DocumentAnalysis of(
      DocumentStoreTarget target,
      ArtifactStore artifacts,
      Progress progress,
      Cancellation cancellation)
      throws IOException {
    return new StoreAnalysis(target, artifacts, progress, cancellation).run();
  }
}

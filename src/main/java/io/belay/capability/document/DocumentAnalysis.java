package io.belay.capability.document;

import io.belay.artifact.ArtifactStore;
import io.belay.target.Cancellation;
import io.belay.target.Progress;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.lang.Nullable;

/**
 * What a legacy store holds and whether it can be migrated: the guide's migration plan.
 *
 * @param ready whether a migration may start
 * @param reasons why it may not start; empty when ready
 * @param warnings what people should know, but does not prevent the start
 * @param documents number of live documents in all collections
 * @param deletions number of tombstones in all collections
 * @param bytes of all legacy files
 * @param missing collections without a file, including optional ones
 * @param extra files in the legacy directory that belong to no collection; they are not migrated
 * @param unreadable the first {@value #EXAMPLES} unreadable lines
 * @param unreadableLines number of unreadable lines
 * @param collisions the first {@value #EXAMPLES} ids that two collections of a new file share
 * @param collidingIds number of ids that collide
 * @param spaceNeeded bytes that the new files and their predecessors need together
 * @param spaceFree bytes free where the new files will be
 * @param snapshotSpaceFree bytes free in the artifacts directory
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
    @Nullable Instant oldest,
    @Nullable Instant newest,
    long spaceNeeded,
    long spaceFree,
    long snapshotSpaceFree,
    Duration estimate) {

  /** How many examples of a finding are listed. */
  public static final int EXAMPLES = 100;

  /**
   * Reads all legacy files once; changes nothing.
   *
   * @throws IOException when a directory cannot be read; a problem with one file is a reason
   *     instead
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

package io.belay.document;

import io.belay.step.FakeStepContext;
import io.belay.target.ArtifactSettings;
import io.belay.target.DocumentStoreTarget;
import io.belay.target.Environment;
import io.belay.target.FileArtifactStore;
import io.belay.target.Secret;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A process that does what one run does with a document store, and is killed at it. Begun again, it
 * is the next attempt of the same run.
 */
final class Victim {

  private Victim() {}

  /**
   * What a run does; each begins with the run's own snapshot, which is there after the first time.
   */
  enum Work {
    SNAPSHOT,
    MIGRATE,
    REVERT,
    RESTORE
  }

  /**
   * @param arguments directory of the world, work, run
   */
  public static void main(String[] arguments) throws Exception {
    System.out.println("begins");
    run(Path.of(arguments[0]), Work.valueOf(arguments[1]), arguments[2]);
    System.out.println("ended");
  }

  static void run(Path directory, Work work, String run) throws Exception {
    DocumentStoreTarget target =
        DocumentWorld.guide(
            directory.resolve("legacy"), directory.resolve("store"), directory.resolve("state"));
    FakeStepContext context =
        new FakeStepContext(
                new Environment(
                    "test", "", new LinkedHashMap<>(Map.of(DocumentWorld.NAME, target))),
                new FileArtifactStore(
                    new ArtifactSettings(directory.resolve("artifacts"), Secret.none())))
            .runId(run);
    String snapshot =
        context
            .run(new TakeDocumentSnapshot(), new TakeDocumentSnapshot.Input(DocumentWorld.NAME))
            .snapshot();
    if (work == Work.MIGRATE) {
      context.run(new MigrateDocuments(), new MigrateDocuments.Input(DocumentWorld.NAME));
    } else if (work == Work.RESTORE) {
      context.run(
          new RestoreDocumentSnapshot(),
          new RestoreDocumentSnapshot.Input(DocumentWorld.NAME, snapshot));
    } else if (work == Work.REVERT) {
      new SnapshotRestore(target, context)
          .restore(
              context.artifacts().find(snapshot).orElseThrow(), SnapshotRestore.Scope.NEW_FILES);
    }
  }
}

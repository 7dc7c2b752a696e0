package io.belay.capability.document;

import io.belay.artifact.ArtifactSettings;
import io.belay.artifact.FileArtifactStore;
import io.belay.step.FakeStepContext;
import io.belay.target.Environment;
import io.belay.target.Secret;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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
    Path directory = Path.of(arguments[0]);
    FakeStepContext context = context(directory, arguments[2]);
    System.out.println("begins");
    run(directory, Work.valueOf(arguments[1]), context);
    System.out.println("ended");
  }

  private static DocumentStoreTarget target(Path directory) {
    return DocumentWorld.guide(
        directory.resolve("legacy"), directory.resolve("store"), directory.resolve("state"));
  }

  static FakeStepContext context(Path directory, String run) {
    return new FakeStepContext(
            new Environment(
                "test", "", new LinkedHashMap<>(Map.of(DocumentWorld.NAME, target(directory)))),
            new FileArtifactStore(
                new ArtifactSettings(directory.resolve("artifacts"), Secret.none())))
        .runId(run);
  }

  static void run(Path directory, Work work, FakeStepContext context) throws Exception {
    String snapshot =
        context
            .run(
                new TakeDocumentSnapshot(),
                new TakeDocumentSnapshot.Input(List.of(DocumentWorld.NAME)))
            .snapshot();
    if (work == Work.MIGRATE) {
      context.run(new MigrateDocuments(), new MigrateDocuments.Input(DocumentWorld.NAME));
    } else if (work == Work.RESTORE) {
      context.run(
          new RestoreDocumentSnapshot(),
          new RestoreDocumentSnapshot.Input(DocumentWorld.NAME, snapshot));
    } else if (work == Work.REVERT) {
      context.began(new MigrateDocuments(), new MigrateDocuments.Input(DocumentWorld.NAME));
      context.run(
          new RevertDocumentMigration(), new RevertDocumentMigration.Input(DocumentWorld.NAME));
    }
  }
}

package io.belay.capability.backup;

import io.belay.artifact.Artifact;
import io.belay.step.StepContext;
import io.belay.target.PostgresTarget;
import io.belay.target.ServerWatch;
import io.belay.target.TargetException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.springframework.stereotype.Component;

/**
 * Restores into a new database, over several connections, and gives it the old one's name once it
 * is proven to hold exactly what the backup holds. Until then the old one can be read as before;
 * writers wait. After a kill at any moment, the name belongs to the old database or to the restored
 * one, and the saved object ids show which.
 *
 * @see RestoreInPlace
 */
@Component
class RestoreBeside {

  /** Name of the checkpoint that holds the databases' object ids. */
  static final String CHECKPOINT = "beside";

  private final PostgresTools tools;
  private final RestoredCopy copy;

  RestoreBeside(PostgresTools tools, RestoredCopy copy) {
    this.tools = tools;
    this.copy = copy;
  }

  /**
   * @param artifact backup id
   * @param replaced object id of the database to be replaced
   * @param restored object id of the new one; 0 before it is created
   */
  record Beside(String artifact, long replaced, long restored) {}

  /**
   * Whether an earlier attempt has completed the restore; if not, removes what it left. An attempt
   * still in progress can then no longer complete it, since its new database is gone.
   *
   * @throws TargetException when the name belongs to neither of the two databases
   */
  boolean isDone(Artifact artifact, PostgresTarget database, StepContext context) throws Exception {
    Optional<Beside> earlier = context.saved(CHECKPOINT, Beside.class);
    if (earlier.isEmpty()) {
      return false;
    }
    scratch(database, context).drop();
    try (Connection connection = tools.connect(database)) {
      long now = DatabaseSwap.id(connection, database.database());
      if (now == earlier.get().replaced()) {
        return false;
      } else if (now != earlier.get().restored()) {
        throw new TargetException(
            "%s is neither the database that an earlier attempt was to replace nor the one it restored: somebody has made another. Look whether its tables hold what the backup holds, then override this step or start it with a new run"
                .formatted(database.describe()));
      }
    }
    dropReplaced(database, context);
    return earlier.get().artifact().equals(artifact.id());
  }

  /**
   * Restores the database. Call it only after {@link #isDone} has returned false.
   *
   * @throws TargetException when the artifact is damaged or the server refuses; the database is
   *     then unchanged
   */
  void restore(Artifact artifact, PostgresTarget database, StepContext context) throws Exception {
    tools.watched(
        database,
        context.cancellation(),
        "The database is as it was before or wholly restored, the next attempt finds out which",
        watch -> {
          restore(artifact, database, context, watch);
          return null;
        });
    dropReplaced(database, context);
  }

  private void restore(
      Artifact artifact, PostgresTarget database, StepContext context, ServerWatch watch)
      throws Exception {
    ScratchDatabase scratch = scratch(database, context);
    String name = scratch.target().database();
    try (DatabaseSwap swap = new DatabaseSwap(tools, database, name, replaced(context))) {
      swap.holdWriters(watch);
      long replaced = id(database, database.database());
      context.save(CHECKPOINT, new Beside(artifact.id(), replaced, 0));
      scratch.create(PostgresManifest.of(artifact).content().publicSchema(), true, watch);
      long restored = id(database, name);
      copy.fill(artifact, scratch.target(), context, watch);
      context.save(CHECKPOINT, new Beside(artifact.id(), replaced, restored));
      context.announceDatabase(PostgresManifest.of(artifact).target(), restored);
      swap.swap(replaced, restored, watch);
    } catch (Exception e) {
      scratch.dropAfter(e);
      throw e;
    }
  }

  private long id(PostgresTarget database, String name) throws SQLException {
    try (Connection connection = tools.connect(database)) {
      return DatabaseSwap.id(connection, name);
    }
  }

  /** Drops the replaced database; a failure to do so does not fail the restore. */
  private void dropReplaced(PostgresTarget database, StepContext context) throws Exception {
    String name = replaced(context);
    try {
      tools.watched(
          database,
          context.cancellation(),
          "%s is restored".formatted(database.describe()),
          watch -> {
            new ScratchDatabase(tools, database, name).drop(watch);
            return null;
          });
    } catch (TargetException e) {
      context.log(
          "%s is restored, but what it replaced is left as database %s: %s. Drop it by hand",
          database.describe(), name, e.getMessage());
    }
  }

  private ScratchDatabase scratch(PostgresTarget database, StepContext context) {
    return new ScratchDatabase(tools, database, name(DatabaseSwap.RESTORED, context));
  }

  private static String replaced(StepContext context) {
    return name("belay_replaced_", context);
  }

  private static String name(String prefix, StepContext context) {
    return ScratchDatabase.name(prefix, context.runId() + "_" + context.stepKey());
  }
}

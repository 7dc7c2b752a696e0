package io.belay.capability.document;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code takeDocumentSnapshot}: for each document store, keeps all legacy files, the new files and
 * the query mode in one artifact, and reads it back.
 *
 * @see RestoreDocumentSnapshot
 */
@Component
public class TakeDocumentSnapshot
    extends StepDelegate<TakeDocumentSnapshot.Input, TakeDocumentSnapshot.Result> {

  /** Names of the targets; none to keep nothing. */
  public record Input(
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(DocumentStoreTarget.class)
          List<String> documents) {}

  /**
   * @param snapshot id of the artifact; if there are several, their ids, for people
   * @param bytes of the files in all of them
   */
  public record Result(String snapshot, int files, long bytes) {}

  TakeDocumentSnapshot() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    List<DocumentSnapshot> taken = new ArrayList<>();
    for (String documents : input.documents()) {
      DocumentStoreTarget target = context.target(documents, DocumentStoreTarget.class);
      taken.add(new SnapshotWriter(documents, target, context).take());
    }
    return new Result(
        String.join(", ", taken.stream().map(DocumentSnapshot::id).toList()),
        taken.stream().mapToInt(DocumentSnapshot::files).sum(),
        taken.stream().mapToLong(DocumentSnapshot::bytes).sum());
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public Backup backup() {
    return Backup.TAKES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        String.join(", ", input.documents()),
        input.documents().isEmpty()
            ? "no document store to keep"
            : "keep every file of each store in one artifact and read it back",
        input.documents().stream()
            .map(name -> environment.target(name, DocumentStoreTarget.class))
            .map(target -> "%s: %s".formatted(target.describe(), Sizes.of(target)))
            .toArray(String[]::new));
  }
}

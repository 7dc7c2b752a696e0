package io.belay.capability.document;

import com.fasterxml.jackson.annotation.JsonFormat;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code verifyDocumentSnapshot}: whether the snapshots can be restored. Reads each to its end and
 * compares each file with its SHA-256.
 *
 * @see TakeDocumentSnapshot
 */
@Component
public class VerifyDocumentSnapshot
    extends StepDelegate<VerifyDocumentSnapshot.Input, VerifyDocumentSnapshot.Result> {

  /** Names of the targets; id of the snapshot, empty for the last one of this run. */
  public record Input(
      @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
          @DefaultValue
          @TargetName(DocumentStoreTarget.class)
          List<String> documents,
      @DefaultValue("") String snapshot) {}

  /**
   * @param verdict {@code PASS}, {@code FAIL}, or {@code NO_DATA} when there is no snapshot
   */
  public record Result(Verdict verdict, String reason) {}

  VerifyDocumentSnapshot() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    List<String> reasons = new ArrayList<>();
    for (String documents : input.documents()) {
      DocumentStoreTarget target = context.target(documents, DocumentStoreTarget.class);
      Result result = SnapshotCheck.of(target, documents, input.snapshot(), context);
      if (result.verdict() != Verdict.PASS) {
        return result;
      }
      reasons.add(result.reason());
    }
    return new Result(
        Verdict.PASS,
        reasons.isEmpty() ? "there was no document store to keep" : String.join("; ", reasons));
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public Backup backup() {
    return Backup.VERIFIES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        String.join(", ", input.documents()),
        input.documents().isEmpty()
            ? "no snapshot to verify"
            : "read the snapshot of each store back",
        input.documents().stream()
            .map(name -> environment.target(name, DocumentStoreTarget.class).describe())
            .toArray(String[]::new));
  }
}

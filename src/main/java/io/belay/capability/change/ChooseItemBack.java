package io.belay.capability.change;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Says which item of a checklist is taken back next: the last that this run has chosen, makes a
 * change, and was not given here before. It asks the journal, not the file.
 *
 * @see ChooseItem
 */
@Component
public final class ChooseItemBack
    extends StepDelegate<ChooseItemBack.Input, ChooseItemBack.Result> {

  /**
   * @param checklist name of the checklist target
   * @param temporaryOnly whether only temporary items are taken back, at the good end
   */
  public record Input(
      @NotBlank @TargetName(ChecklistTarget.class) String checklist,
      @DefaultValue("false") boolean temporaryOnly) {}

  /**
   * @param kind NONE when all are taken back
   * @param number of the item; 0 when all are taken back
   * @param subject its command or http target; {@code none} for a person's work
   * @param instruction for a person
   */
  public record Result(
      ItemKind kind, int number, String name, String subject, String instruction) {}

  private static final Result ALL_BACK = new Result(ItemKind.NONE, 0, "", TargetName.NONE, "");
  private static final Set<ItemKind> CHANGES =
      Set.of(ItemKind.CHANGE_BY_COMMAND, ItemKind.CALL_HTTP, ItemKind.CHANGE_BY_HAND);

  ChooseItemBack() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) {
    Set<Integer> given =
        context.started("chooseItemBack").stream()
            .filter(past -> past.input(Input.class).checklist().equals(input.checklist()))
            .flatMap(past -> past.result(Result.class).stream())
            .map(Result::number)
            .collect(Collectors.toSet());
    List<ChooseItem.Result> chosen =
        context.started("chooseItem").stream()
            .filter(past -> isOf(input.checklist(), past))
            .flatMap(past -> past.result(ChooseItem.Result.class).stream())
            .filter(item -> CHANGES.contains(item.kind()))
            .filter(item -> item.temporary() || !input.temporaryOnly())
            .filter(item -> !given.contains(item.number()))
            .toList();
    if (chosen.isEmpty()) {
      return ALL_BACK;
    }
    ChooseItem.Result last = chosen.get(chosen.size() - 1);
    context.log("take back %d. %s", last.number(), last.name());
    boolean byHand = last.kind() == ItemKind.CHANGE_BY_HAND;
    return new Result(
        last.kind(),
        last.number(),
        last.name(),
        byHand ? TargetName.NONE : last.subject(),
        byHand ? last.rollback() : "");
  }

  private static boolean isOf(String checklist, PastStep past) {
    return past.input(ChooseItem.Input.class).checklist().equals(checklist);
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    return StepPlan.observes(
        input.checklist(),
        input.temporaryOnly()
            ? "Take back what is temporary, the last first"
            : "Take back every item that was begun, the last first");
  }
}

package io.belay.capability.change;

import io.belay.step.Assignments;
import io.belay.step.BusinessStop;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.CommandTarget;
import io.belay.target.Environment;
import io.belay.target.HttpTarget;
import io.belay.target.MayBeAbsent;
import io.belay.target.ReadFiles;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Says which item of a checklist comes next: the first that is on and that this run has not chosen
 * yet. A chosen item stays chosen. An approval is bound to the content of the checklist's file.
 */
@Component
public final class ChooseItem extends StepDelegate<ChooseItem.Input, ChooseItem.Result> {

  /**
   * @param checklist name of the checklist target
   * @param switches what the items' {@code when} asks, a {@code name=value} a line
   */
  public record Input(
      @NotBlank @TargetName(ChecklistTarget.class) String checklist,
      @NotNull @DefaultValue("") Assignments switches) {}

  /**
   * @param kind NONE when all are done
   * @param number of the item; 0 when all are done
   * @param subject a command or http target, or where a number comes from
   * @param expected of a check
   * @param instruction for a person
   * @param rollback for a person who takes it back
   * @param due how long a person should need at most, as in ISO 8601; null for no limit
   * @param askedText label of the field for a pasted proof; empty when none is asked
   * @param askedFile label of the field for an uploaded proof; empty when none is asked
   * @param check1 to {@code check6}: what a person confirms; empty when there are fewer
   */
  public record Result(
      ItemKind kind,
      int number,
      String name,
      String subject,
      String parameters,
      String expected,
      String instruction,
      String rollback,
      boolean temporary,
      @MayBeAbsent(EARLIER) String due,
      @MayBeAbsent(EARLIER) String askedText,
      @MayBeAbsent(EARLIER) String askedFile,
      @MayBeAbsent(EARLIER) String check1,
      @MayBeAbsent(EARLIER) String check2,
      @MayBeAbsent(EARLIER) String check3,
      @MayBeAbsent(EARLIER) String check4,
      @MayBeAbsent(EARLIER) String check5,
      @MayBeAbsent(EARLIER) String check6) {

    private static final String EARLIER = "the item was chosen before people were asked for it";

    static Result of(ChecklistItem item) {
      ByHand asked = item.byHand();
      return new Result(
          item.kind(),
          item.number(),
          item.name(),
          item.subject(),
          item.parameters().text(),
          item.expected(),
          item.instruction(),
          item.rollback(),
          item.temporary(),
          asked.due() == null ? null : asked.due().toString(),
          label(item, ByHand.Proof.TEXT),
          label(item, ByHand.Proof.FILE),
          asked.check(1),
          asked.check(2),
          asked.check(3),
          asked.check(4),
          asked.check(5),
          asked.check(6));
    }

    private static String label(ChecklistItem item, ByHand.Proof proof) {
      boolean byAPerson = item.kind().isByAPerson();
      if (!byAPerson || item.byHand().proof() != proof) {
        return "";
      }
      return proof == ByHand.Proof.FILE
          ? "File that shows it"
          : item.kind() == ItemKind.CHECK_BY_HAND ? "What you saw" : "How it can be seen";
    }
  }

  private static final Result ALL_DONE =
      new Result(
          ItemKind.NONE, 0, "", "", "", "", "", "", false, null, "", "", "", "", "", "", "", "");

  ChooseItem() {
    super(Input.class, Result.class);
  }

  @Override
  public Result perform(Input input, StepContext context) {
    Checklist checklist = Checklist.read(context.target(input.checklist(), ChecklistTarget.class));
    requireFirstCall(input.checklist(), context);
    int last = lastChosen(input.checklist(), context);
    Optional<ChecklistItem> next =
        checklist.on(input.switches()).stream().filter(item -> item.number() > last).findFirst();
    next.ifPresent(item -> context.log("%s", item.describe()));
    return next.map(Result::of).orElse(ALL_DONE);
  }

  private static void requireFirstCall(String checklist, StepContext context) {
    boolean done = chosen(checklist, context).anyMatch(item -> item.kind() == ItemKind.NONE);
    if (done) {
      throw new BusinessStop(
          "this run has gone through checklist '%s' already, and a second call would do nothing; give that call a checklist of its own"
              .formatted(checklist));
    }
  }

  private static Stream<Result> chosen(String checklist, StepContext context) {
    return context.started("chooseItem").stream()
        .filter(past -> past.input(Input.class).checklist().equals(checklist))
        .flatMap(past -> past.result(Result.class).stream());
  }

  private static int lastChosen(String checklist, StepContext context) {
    return chosen(checklist, context).mapToInt(Result::number).max().orElse(0);
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    Checklist checklist;
    try {
      checklist = Checklist.read(environment.target(input.checklist(), ChecklistTarget.class));
    } catch (TargetException e) {
      return List.of(e.getMessage());
    }
    List<String> problems = new ArrayList<>(changedTwice(checklist, input));
    for (ChecklistItem item : checklist.items()) {
      String where = "checklist '%s', '%s': ".formatted(input.checklist(), item.name());
      item.when().keySet().stream()
          .filter(name -> !input.switches().values().containsKey(name))
          .forEach(name -> problems.add(where + "there is no switch '%s'".formatted(name)));
      if (item.isOn(input.switches().values())) {
        problem(item, environment).ifPresent(problem -> problems.add(where + problem));
      }
    }
    return problems;
  }

  /** An undo takes back all changes that the run made by one target. */
  private static List<String> changedTwice(Checklist checklist, Input input) {
    Set<String> seen = new HashSet<>();
    return checklist.on(input.switches()).stream()
        .filter(
            item -> item.kind() == ItemKind.CHANGE_BY_COMMAND || item.kind() == ItemKind.CALL_HTTP)
        .filter(item -> !seen.add(item.kind() + " " + item.subject()))
        .map(
            item ->
                "checklist '%s', '%s': an earlier step changes '%s' too, and taking one back takes back both; give each a target of its own"
                    .formatted(input.checklist(), item.name(), item.subject()))
        .toList();
  }

  private static Optional<String> problem(ChecklistItem item, Environment environment) {
    try {
      switch (item.kind()) {
        case CHECK_BY_COMMAND -> {
          return environment
              .target(item.subject(), CommandTarget.class)
              .notForChecks(item.subject());
        }
        case CHANGE_BY_COMMAND -> {
          if (environment.target(item.subject(), CommandTarget.class).apply() == null) {
            return Optional.of("command target '%s' has no 'apply'".formatted(item.subject()));
          }
        }
        case CALL_HTTP -> {
          if (environment.target(item.subject(), HttpTarget.class).apply() == null) {
            return Optional.of("http target '%s' has no 'apply'".formatted(item.subject()));
          }
        }
        default -> {
          // a person, or a number that awaitCondition judges
        }
      }
      return Optional.empty();
    } catch (TargetException e) {
      return Optional.of(e.getMessage());
    }
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    ChecklistTarget target = environment.target(input.checklist(), ChecklistTarget.class);
    List<String> details = new ArrayList<>();
    for (ChecklistItem item : Checklist.read(target).items()) {
      boolean on = item.isOn(input.switches().values());
      details.add((on ? "" : "off: ") + item.describe());
      if (on && item.kind() == ItemKind.CHANGE_BY_COMMAND) {
        CommandTarget command = environment.target(item.subject(), CommandTarget.class);
        Stream.of(command.check(), command.apply(), command.revert())
            .forEach(one -> details.addAll(ReadFiles.describe(command, one)));
      }
    }
    return StepPlan.observes(
        input.checklist(),
        "Go through %d items of %s"
            .formatted(Checklist.read(target).on(input.switches()).size(), target.describe()),
        details.toArray(String[]::new));
  }
}

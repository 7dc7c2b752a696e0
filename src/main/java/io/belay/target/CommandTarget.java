package io.belay.target;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Min;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A command that checks something ({@code run}), or commands that change something and revert it
 * ({@code check}, {@code apply} and {@code revert}); {@code type: command}.
 */
@Described(
    "A command that checks something (`run`), or one that changes something and takes it back (`check`, `apply` and `revert`). A script file is a command too: name its path; its SHA-256 is part of the plan.")
public record CommandTarget(
    @Described(
            "answers with its exit code and output, and changes nothing, as v2's own tests do; or [publishes an event](outbox.md), which is all it may do with `changes`")
        @Valid
        Command run,
    @Described(
            "says by its exit code whether the change is in place: 0 for yes, 1 for no, 2 for half; every other code means that it cannot tell. Changes nothing")
        @Valid
        Command check,
    @Described("makes the change; runs only after `check` has said no") @Valid Command apply,
    @Described("takes the change back, also when it is made only half") @Valid Command revert,
    @Described(
            "names of the environment variables that a step may give to these commands, each with a regular expression that its whole value must match")
        @DefaultValue
        Map<String, String> parameters,
    @Described(
            "names of the targets that the commands change: what protects them holds for this one, too")
        @DefaultValue
        List<String> changes,
    @Described(
            value =
                "names of the `host` targets on which the commands run over SSH, one after the other in this order",
            absent = "this machine")
        @DefaultValue
        List<String> on,
    @Described("how many hosts are changed before `between` is asked") @Min(1) @DefaultValue("1")
        int batch,
    @Described(
            "must end with exit code 0 after each batch, before the next one begins; runs on this machine and changes nothing")
        @Valid
        Command between)
    implements Target {

  @ConstructorBinding
  public CommandTarget {
    // all components from the environment's file
  }

  /** A target whose commands run on this machine. */
  public CommandTarget(
      Command run,
      Command check,
      Command apply,
      Command revert,
      Map<String, String> parameters,
      List<String> changes) {
    this(run, check, apply, revert, parameters, changes, List.of(), 1, null);
  }

  /** A target that only checks. */
  public static CommandTarget of(Command run) {
    return new CommandTarget(run, null, null, null, Map.of(), List.of());
  }

  /**
   * Why a step that changes nothing must not run this target's command; empty when it may.
   *
   * @param name of this target
   */
  public Optional<String> notForChecks(String name) {
    if (run == null) {
      return Optional.of("command target '%s' has no 'run'".formatted(name));
    }
    return changes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "command target '%s' changes %s, as its 'changes' says, so it cannot check or measure"
                .formatted(name, changes));
  }

  @Override
  public String describe() {
    return apply == null ? "command " + run : "change by command " + apply;
  }

  /** Present for a change only: two runs that make the same one would revert each other's. */
  @Override
  public Optional<String> identity() {
    return Optional.ofNullable(apply).map(command -> "change by command " + command);
  }

  /** Empty: a command is an instruction, not a place. */
  @Override
  public Optional<String> address() {
    return Optional.empty();
  }

  @Override
  public List<String> alsoChanged() {
    return Stream.concat(changes.stream(), on.stream()).toList();
  }

  /** Whether the files that its commands name are on other machines. */
  boolean isElsewhere() {
    return !on.isEmpty();
  }

  /** Where its commands run; for people. */
  public String where() {
    if (on.isEmpty()) {
      return "this machine";
    }
    return on.size() == 1
        ? "host " + on.get(0)
        : "hosts %s, %d at a time".formatted(String.join(", ", on), batch);
  }

  @Override
  public boolean isInstruction() {
    return true;
  }

  @Override
  public List<Secret> secrets() {
    return Command.secrets(run, check, apply, revert, between).toList();
  }
}

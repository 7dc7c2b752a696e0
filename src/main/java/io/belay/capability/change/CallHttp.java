package io.belay.capability.change;

import io.belay.step.Assignments;
import io.belay.step.Checkpoint;
import io.belay.step.Expectations;
import io.belay.step.NamedValues;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.target.Environment;
import io.belay.target.GivenParameters;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Makes a change by an HTTP request, unless it is in place already: {@code check} says which,
 * {@code apply} makes it, {@code check} confirms it.
 *
 * @see RevertHttp
 */
@Component
@Checkpoint(name = CheckedChange.BEGUN, type = Boolean.class)
public final class CallHttp extends StepDelegate<CallHttp.Input, CallHttp.Result> {

  /**
   * @param http name of the http target
   * @param parameters values for its paths and bodies, a {@code NAME=value} a line
   * @param expect what {@code check} must answer when the change is in place, beside {@code done}
   * @param within how long the change may take to be in place after {@code apply} was answered
   * @param temporary whether it must be taken back at the good end, too
   */
  public record Input(
      @NotBlank @TargetName(HttpTarget.class) String http,
      @NotNull @DefaultValue("") Assignments parameters,
      @NotNull @DefaultValue("") Expectations expect,
      @NotNull @DefaultValue("0s") Duration within,
      @DefaultValue("false") boolean temporary) {}

  /**
   * @param changed false when it was in place before
   * @param values those that the target carries on, each a variable of its name
   */
  public record Result(boolean changed, NamedValues values) {}

  private final HttpProbe http;

  CallHttp(HttpProbe http) {
    super(Input.class, Result.class);
    this.http = http;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    requireCheck(input, context);
    HttpChange requests = new HttpChange(http, input.http(), input.parameters().values(), context);
    CheckedChange.Made made =
        new CheckedChange(input.http(), requests, context).make(input.expect(), input.within());
    return new Result(made.changed(), NamedValues.ofTexts(requests.carried(made.answer())));
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    HttpTarget target = environment.target(input.http(), HttpTarget.class);
    String where = "http target '%s'".formatted(input.http());
    if (target.apply() == null) {
      return List.of(
          where
              + " is only asked; for a change it needs 'check', 'done', 'not-done', 'apply' and 'revert'");
    }
    List<String> problems =
        new ArrayList<>(
            GivenParameters.problems(where, target.parameters(), input.parameters().values()));
    for (String text :
        List.of(
            target.done(),
            target.notDone(),
            target.check().expect(),
            target.apply().expect(),
            target.revert().expect())) {
      try {
        Expectations.valueOf(text);
      } catch (IllegalArgumentException e) {
        problems.add(where + ": " + e.getMessage());
      }
    }
    return problems;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    HttpTarget target = environment.target(input.http(), HttpTarget.class);
    List<String> details = new ArrayList<>();
    details.add("check: %s; in place when %s".formatted(target.check(), oneLine(target.done())));
    details.add("apply: " + target.apply() + body(target.apply()));
    details.add("revert: " + target.revert() + body(target.revert()));
    input
        .parameters()
        .values()
        .forEach((name, value) -> details.add("with %s=%s".formatted(name, value)));
    return StepPlan.changes(
        input.http(),
        "Make the change '%s' at %s by a request, unless it is in place"
            .formatted(input.http(), target.url()),
        details.toArray(String[]::new));
  }

  private static String body(HttpTarget.Request request) {
    return request.body() == null ? "" : " with " + oneLine(request.body());
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\n\\s*", "; ");
  }
}

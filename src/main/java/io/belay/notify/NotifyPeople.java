package io.belay.notify;

import io.belay.step.Checkpoint;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import io.belay.target.WebhookTarget;
import jakarta.validation.constraints.NotBlank;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code notifyPeople}: posts a message to a webhook that people read. A message that was delivered
 * is not posted again by a further attempt; one of which nobody knows (killed before the answer)
 * is, since a message too many is better than none. Cannot be taken back.
 *
 * <p>The target is optional: in an environment without it nobody is told, the run's log says so,
 * and the run goes on. A target of another type is a mistake and an error.
 */
@Component
@Checkpoint(name = NotifyPeople.DELIVERED, type = Boolean.class)
public class NotifyPeople extends StepDelegate<NotifyPeople.Input, NotifyPeople.Result> {

  static final String DELIVERED = "delivered";

  /** Name of the webhook target, and the text. */
  public record Input(
      @NotBlank @DefaultValue("notifications") String webhook, @NotBlank String message) {}

  /**
   * @param delivered false when the environment has no such target; a failed delivery is an error,
   *     not a result
   */
  public record Result(boolean delivered) {}

  private final Webhook webhook;

  NotifyPeople(Webhook webhook) {
    super(Input.class, Result.class);
    this.webhook = webhook;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    if (!reachesSomebody(input, context.environment())) {
      context.log(
          "%s: nobody could be told: %s", nobody(input, context.environment()), input.message());
      return new Result(false);
    }
    if (!context.saved(DELIVERED, Boolean.class).orElse(false)) {
      WebhookTarget target = context.target(input.webhook(), WebhookTarget.class);
      webhook.post(target, input.message(), context);
      context.save(DELIVERED, true);
    }
    return new Result(true);
  }

  private static boolean reachesSomebody(Input input, Environment environment) {
    return environment.targets().containsKey(input.webhook());
  }

  private static String nobody(Input input, Environment environment) {
    return "environment '%s' has no target '%s'".formatted(environment.name(), input.webhook());
  }

  /** It reaches people, but changes no system: there is nothing to take back. */
  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    if (!reachesSomebody(input, environment)) {
      return StepPlan.observes(
          input.webhook(), "tells nobody: " + nobody(input, environment), input.message());
    }
    environment.target(input.webhook(), WebhookTarget.class);
    return StepPlan.observes(
        input.webhook(),
        "posts a message to the webhook '%s'".formatted(input.webhook()),
        input.message());
  }
}

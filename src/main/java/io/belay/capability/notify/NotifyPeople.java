package io.belay.capability.notify;

import io.belay.step.Checkpoint;
import io.belay.step.Outbox.Message;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.target.Environment;
import io.belay.target.TargetException;
import jakarta.validation.constraints.NotBlank;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * {@code notifyPeople}: posts a message to a webhook that people read. A further attempt does not
 * post a delivered message again, but does if the outcome is unknown (killed before the answer),
 * since two messages are better than none. Cannot be undone.
 *
 * <p>A receiver that is down, slow or refuses delays no run: Belay keeps the message and retries
 * independently of the run, also after Belay itself was stopped; an agent, which cannot keep it,
 * tries once. A failed delivery is an error only if the target is {@code required}.
 *
 * <p>The target is optional: in an environment without it nobody is told, the run's log says so,
 * and the run goes on. A target of another type is an error.
 */
@Component
@Checkpoint(name = NotifyPeople.DELIVERED, type = Boolean.class)
@Checkpoint(name = NotifyPeople.KEPT, type = Boolean.class)
public class NotifyPeople extends StepDelegate<NotifyPeople.Input, NotifyPeople.Result> {

  static final String DELIVERED = "delivered";

  /** Set once the message has been put into the outbox, so that it is not written again. */
  static final String KEPT = "kept";

  /** Name of the webhook target, and the text. */
  public record Input(
      @NotBlank @DefaultValue("notifications") String webhook, @NotBlank String message) {}

  /**
   * @param delivered false when the environment has no such target, or the message was not
   *     delivered within a second and is retried independently of the run
   */
  public record Result(boolean delivered) {}

  private static final String NAME = "notifyPeople";

  private final Webhook webhook;
  private final Deliveries deliveries;

  NotifyPeople(Webhook webhook, Deliveries deliveries) {
    super(Input.class, Result.class);
    this.webhook = webhook;
    this.deliveries = deliveries;
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
      Message message = message(target, input, context);
      if (!target.required() && deliveries.canKeep()) {
        return new Result(deliveredBeside(message, context));
      }
      if (!delivered(target, message, context)) {
        return new Result(false);
      }
      context.save(DELIVERED, true);
    }
    return new Result(true);
  }

  private static Message message(WebhookTarget target, Input input, StepContext context) {
    return new Message(
        context.stepKey(),
        NAME,
        context.runId(),
        context.environment().name(),
        input.webhook(),
        target.address().orElseThrow(),
        context.fence(),
        input.message(),
        0);
  }

  private boolean delivered(WebhookTarget target, Message message, StepContext context)
      throws InterruptedException {
    try {
      webhook.post(target, message);
      return true;
    } catch (TargetException refused) {
      if (target.required()) {
        throw refused;
      }
      context.log("The message was not delivered: %s", refused.getMessage());
      return false;
    }
  }

  /** Whether it was delivered at once; if not, it is retried while the run goes on. */
  private boolean deliveredBeside(Message message, StepContext context)
      throws InterruptedException, ExecutionException {
    if (context.saved(KEPT, Boolean.class).orElse(false)) {
      return false;
    }
    CompletableFuture<Boolean> first = deliveries.begin(message);
    context.save(KEPT, true);
    boolean delivered = first.get();
    if (delivered) {
      context.save(DELIVERED, true);
    }
    return delivered;
  }

  private static boolean reachesSomebody(Input input, Environment environment) {
    return environment.targets().containsKey(input.webhook());
  }

  private static String nobody(Input input, Environment environment) {
    return "environment '%s' has no target '%s'".formatted(environment.name(), input.webhook());
  }

  /** It reaches people, but changes no system: there is nothing to undo. */
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

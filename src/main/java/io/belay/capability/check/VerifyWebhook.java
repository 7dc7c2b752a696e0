package io.belay.capability.check;

import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.ServiceTarget;
import jakarta.validation.constraints.NotBlank;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Checks that a service answers the verification handshake of its webhook, and only with the right
 * token.
 */
@Component
public final class VerifyWebhook extends StepDelegate<VerifyWebhook.Input, VerifyWebhook.Result> {

  /**
   * @param service name of the service target
   * @param required whether a service whose target names no webhook is refused
   */
  public record Input(
      @NotBlank @TargetName(ServiceTarget.class) String service,
      @DefaultValue("true") boolean required) {}

  /**
   * @param verdict PASS or FAIL
   */
  public record Result(Verdict verdict, String reason) {}

  private final WebhookCheck check;

  VerifyWebhook(WebhookCheck check) {
    super(Input.class, Result.class);
    this.check = check;
  }

  @Override
  public Result perform(Input input, StepContext context) {
    ServiceTarget service = context.target(input.service(), ServiceTarget.class);
    if (!input.required() && !WebhookCheck.hasWebhook(service)) {
      return new Result(Verdict.PASS, "service '%s' has no webhook".formatted(input.service()));
    }
    Findings findings =
        check.check(
            input.service(), service, ServiceLocations.of(input.service(), service, context));
    return new Result(
        findings.verdict(), findings.reason("the handshake works, a wrong token is refused"));
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    ServiceTarget service = environment.target(input.service(), ServiceTarget.class);
    return input.required() && !WebhookCheck.hasWebhook(service)
        ? List.of("target '%s' names no webhook".formatted(input.service()))
        : List.of();
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    ServiceTarget service = environment.target(input.service(), ServiceTarget.class);
    if (!input.required() && !WebhookCheck.hasWebhook(service)) {
      return StepPlan.observes(input.service(), "no webhook to verify");
    }
    return StepPlan.observes(
        input.service(),
        "Send the handshake to %s, once with a wrong token".formatted(service.describe()),
        "POST " + service.webhook());
  }
}

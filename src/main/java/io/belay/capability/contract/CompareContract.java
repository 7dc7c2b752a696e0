package io.belay.capability.contract;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.artifact.Artifact;
import io.belay.step.BusinessStop;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.Masking;
import io.belay.target.TargetException;
import io.belay.target.WebTarget;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * The contract check: sends recorded requests to a new service and to the old one, or compares with
 * the recorded answers, and says whether clients of the old one can live with the new one. All
 * differences are kept as an artifact, without secrets. Requests that may change something are sent
 * only where the list declares them safe.
 */
@Component
public final class CompareContract
    extends StepDelegate<CompareContract.Input, CompareContract.Result> {

  private static final int LONGEST_REASON = 500;
  private static final int MOST_PLANNED = 50;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
          .build();

  /** What of the answers is compared, besides the status and that the chosen headers are there. */
  public enum Depth {
    VALUES,
    /** Fields and their types. */
    STRUCTURE
  }

  /**
   * @param requests name of the list
   * @param baseline service or http target of the old version; {@code none} for the recorded
   *     answers
   * @param candidate that of the new version
   */
  public record Input(
      @NotBlank @TargetName(RequestsTarget.class) String requests,
      @NotBlank @DefaultValue(TargetName.NONE) @TargetName(WebTarget.class) String baseline,
      @NotBlank @TargetName(WebTarget.class) String candidate,
      @NotNull @DefaultValue("VALUES") Depth compare) {}

  /**
   * @param verdict PASS, FAIL with a breaking difference, NO_DATA when nothing was compared or an
   *     answer is missing
   * @param compared number of requests
   * @param breaking number of differences that may break a client
   * @param additions number of those that do not
   * @param notCompared number of requests that were sent without two whole answers
   * @param notSent number of requests
   */
  public record Result(
      Verdict verdict,
      String reason,
      int compared,
      int breaking,
      int additions,
      int notCompared,
      int notSent) {}

  private final HttpProbe http;

  CompareContract(HttpProbe http) {
    super(Input.class, Result.class);
    this.http = http;
  }

  /**
   * @throws BusinessStop when the list cannot be read, or a service would be compared with itself
   */
  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    RequestsTarget target = context.target(input.requests(), RequestsTarget.class);
    RequestList list = read(target);
    sameService(input, context.environment())
        .ifPresent(
            rule -> {
              throw new BusinessStop(rule);
            });
    Masking recorded = Masking.of(list.credentials());
    Masking known = context.masking();
    UnaryOperator<String> mask = text -> known.mask(recorded.mask(text));
    Replay.Side baseline = recorded(input) ? null : side(input.baseline(), context);
    ComparisonRules rules = ComparisonRules.of(target, input.compare() == Depth.VALUES, mask);
    List<Compared> results =
        new Replay(http, context, baseline, side(input.candidate(), context), rules)
            .of(list.requests());
    ContractReport report =
        new ContractReport(
            "'%s', %s".formatted(input.requests(), target.describe()),
            recorded(input) ? "the recording" : "'%s'".formatted(input.baseline()),
            input.candidate(),
            input.compare(),
            results);
    Result result =
        new Result(
            report.verdict(),
            shortened(report.reason()),
            report.compared(),
            report.breaking(),
            report.additions(),
            report.count(Compared.Outcome.NOT_COMPARED),
            report.count(Compared.Outcome.NOT_SENT));
    context.log("every request and its differences: %s", keep(result, report, context).name());
    return result;
  }

  private static RequestList read(RequestsTarget target) {
    try {
      return RequestList.read(target);
    } catch (TargetException e) {
      throw new BusinessStop(e.getMessage());
    }
  }

  private static boolean recorded(Input input) {
    return input.baseline().equals(TargetName.NONE);
  }

  private static Replay.Side side(String name, StepContext context) {
    return new Replay.Side(name, context.target(name, WebTarget.class));
  }

  /** What the artifact holds. */
  private record Content(Result result, ContractReport report) {}

  /** Each attempt has its own: the one before has seen other answers. */
  private static Artifact keep(Result result, ContractReport report, StepContext context)
      throws Exception {
    return context
        .artifacts()
        .write(
            context.runId(),
            "contract-%s-%d.json".formatted(context.stepKey(), context.attempt()),
            "contract",
            out -> {
              JSON.writeValue(out, new Content(result, report));
              return Map.of("format", "json");
            });
  }

  private static String shortened(String reason) {
    return reason.length() <= LONGEST_REASON
        ? reason
        : reason.substring(0, LONGEST_REASON - 1) + "…";
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    List<String> problems = new ArrayList<>();
    sameService(input, environment).ifPresent(problems::add);
    try {
      RequestList list =
          RequestList.read(environment.target(input.requests(), RequestsTarget.class));
      if (list.comparable(recorded(input)) == 0) {
        problems.add(
            "none of the %d requests of '%s' would be compared; the first: %s"
                .formatted(
                    list.requests().size(),
                    input.requests(),
                    list.requests().get(0).notSent(recorded(input)).orElse("")));
      }
    } catch (TargetException e) {
      problems.add(e.getMessage());
    }
    return problems;
  }

  /**
   * A service is always like itself; by a header it may tell users of one side from the other's.
   */
  private static Optional<String> sameService(Input input, Environment environment) {
    if (recorded(input)) {
      return Optional.empty();
    }
    WebTarget baseline = environment.target(input.baseline(), WebTarget.class);
    WebTarget candidate = environment.target(input.candidate(), WebTarget.class);
    return address(baseline.url()).equals(address(candidate.url()))
            && baseline.headers().equals(candidate.headers())
        ? Optional.of(
            "'%s' and '%s' are the same service, %s; its answers would be compared with themselves"
                .formatted(input.baseline(), input.candidate(), candidate.url()))
        : Optional.empty();
  }

  /** The same for http://shop and http://SHOP:80/. */
  private static String address(URI url) {
    int standard = "https".equalsIgnoreCase(url.getScheme()) ? 443 : 80;
    return "%s://%s:%d%s"
        .formatted(
            url.getScheme().toLowerCase(Locale.ROOT),
            String.valueOf(url.getHost()).toLowerCase(Locale.ROOT),
            url.getPort() < 0 ? standard : url.getPort(),
            String.valueOf(url.getRawPath()).replaceFirst("/$", ""));
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.OBSERVES;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    RequestList list = RequestList.read(environment.target(input.requests(), RequestsTarget.class));
    List<String> details =
        new ArrayList<>(
            list.requests().stream()
                .limit(MOST_PLANNED)
                .map(
                    request ->
                        request
                            + request
                                .notSent(recorded(input))
                                .map(why -> " is not sent: " + why)
                                .orElse(""))
                .toList());
    if (list.requests().size() > MOST_PLANNED) {
      details.add("and %d more".formatted(list.requests().size() - MOST_PLANNED));
    }
    return StepPlan.observes(
        input.candidate(),
        "Send %d of %d requests of '%s' to '%s' and compare the answers with %s"
            .formatted(
                list.comparable(recorded(input)),
                list.requests().size(),
                input.requests(),
                input.candidate(),
                recorded(input)
                    ? "the recorded ones"
                    : "those of '%s'".formatted(input.baseline())),
        details.toArray(String[]::new));
  }
}

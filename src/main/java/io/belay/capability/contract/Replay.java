package io.belay.capability.contract;

import io.belay.capability.contract.Compared.Outcome;
import io.belay.step.StepContext;
import io.belay.target.HttpProbe;
import io.belay.target.WebTarget;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.springframework.lang.Nullable;

/**
 * Sends recorded requests, one after the other, to the old and the new service at the same time,
 * and compares the answers; without an old service, with the recorded ones. Each wait is bounded by
 * the target's time-out, each answer by the size that is read of it. Redirects are answers.
 */
final class Replay {

  private static final int MOST_LOGGED = 20;

  /** Without a login, forbidden, too many requests. */
  private static final Set<Integer> REFUSALS = Set.of(401, 403, 407, 429);

  /**
   * @param name of the target
   */
  record Side(String name, WebTarget target) {}

  private final HttpProbe http;
  private final StepContext context;
  private final Side baseline;
  private final Side candidate;
  private final ComparisonRules rules;

  /**
   * @param baseline null for the recorded answers
   */
  Replay(
      HttpProbe http,
      StepContext context,
      @Nullable Side baseline,
      Side candidate,
      ComparisonRules rules) {
    this.http = http;
    this.context = context;
    this.baseline = baseline;
    this.candidate = candidate;
    this.rules = rules;
  }

  /**
   * @throws java.util.concurrent.CancellationException when the step is cancelled
   */
  List<Compared> of(List<RecordedRequest> requests) {
    List<Compared> results = new ArrayList<>();
    int logged = 0;
    for (RecordedRequest request : requests) {
      context.cancellation().throwIfCancelled();
      Compared compared = compare(request);
      results.add(compared);
      context.progress().report(results.size(), requests.size(), "requests", compared.request());
      boolean notable =
          compared.outcome() == Outcome.BROKEN || compared.outcome() == Outcome.NOT_COMPARED;
      if (notable && ++logged <= MOST_LOGGED) {
        context.log("%s", compared.describe());
      }
    }
    return results;
  }

  private Compared compare(RecordedRequest request) {
    int number = request.number();
    String shown = rules.mask().apply(request.toString());
    Optional<String> notSent = request.notSent(baseline == null);
    if (notSent.isPresent()) {
      return Compared.without(number, shown, Outcome.NOT_SENT, notSent.get());
    }
    CompletableFuture<HttpProbe.Answer> sentToCandidate = send(request, candidate.target());
    CompletableFuture<HttpProbe.Answer> sentToBaseline =
        baseline == null ? null : send(request, baseline.target());
    HttpProbe.Answer now = HttpProbe.await(sentToCandidate, context.cancellation());
    HttpProbe.Answer was =
        baseline == null ? null : HttpProbe.await(sentToBaseline, context.cancellation());
    Optional<String> problem =
        Stream.of(
                baseline == null ? Optional.<String>empty() : problem(baseline, was),
                problem(candidate, now))
            .flatMap(Optional::stream)
            .findFirst();
    if (problem.isPresent()) {
      return Compared.without(
          number, shown, Outcome.NOT_COMPARED, rules.mask().apply(problem.get()));
    }
    Answer before = baseline == null ? request.recorded() : Answer.of(was, baseline.target().url());
    Answer after = Answer.of(now, candidate.target().url());
    Optional<String> unusable = baseline == null ? Optional.empty() : unusable(request, before);
    if (unusable.isPresent()) {
      return Compared.without(number, shown, Outcome.NOT_COMPARED, unusable.get());
    }
    boolean wanted = before.status() < 400 || request.recorded() != null;
    return Compared.of(
        number, shown, wanted, before, after, AnswerComparison.of(before, after, rules));
  }

  /**
   * Why the old service's answer says nothing about its contract: two services that both refuse
   * every request, or both fail, are alike and show nothing. Whatever the list records is wanted.
   */
  private Optional<String> unusable(RecordedRequest request, Answer before) {
    int status = before.status();
    if (request.recorded() != null) {
      int recorded = request.recorded().status();
      return recorded / 100 == status / 100
          ? Optional.empty()
          : Optional.of(
              "'%s' answers %d, recorded was %d".formatted(baseline.name(), status, recorded));
    }
    return REFUSALS.contains(status) || status >= 500
        ? Optional.of(
            "'%s' answers %d, which says nothing of the contract unless the list has it as the answer"
                .formatted(baseline.name(), status))
        : Optional.empty();
  }

  private static Optional<String> problem(Side side, HttpProbe.Answer answer) {
    if (!answer.answered()) {
      return Optional.of("'%s': %s".formatted(side.name(), answer.failure()));
    }
    return answer.whole()
        ? Optional.empty()
        : Optional.of("'%s': the answer is too long to be read whole".formatted(side.name()));
  }

  private CompletableFuture<HttpProbe.Answer> send(RecordedRequest request, WebTarget target) {
    URI uri = URI.create(target.url() + request.path());
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(uri)
            .method(
                request.method(),
                request.body() == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofByteArray(request.body()));
    target
        .headers()
        .forEach(
            (name, value) -> {
              if (request.headers().keySet().stream().noneMatch(name::equalsIgnoreCase)) {
                builder.setHeader(name, value.reveal());
              }
            });
    request
        .headers()
        .forEach(
            (name, value) -> {
              if (!value.isEmpty()) {
                builder.setHeader(name, value);
              }
            });
    return http.send(builder, uri, target.timeout());
  }
}

package io.belay.capability.check;

import io.belay.step.PastStep;
import io.belay.step.StepContext;
import io.belay.target.MayBeAbsent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What earlier measurements of this run say of a service: a baseline that gets no traffic any more,
 * or has been replaced, is compared as it was.
 */
final class EarlierMeasurements {

  /** The name under which a measurement is saved. */
  static final String SAVED = "measured";

  /**
   * @param processing of the services that were offered something
   * @param p95Ms by service
   * @param users what users got, by service
   */
  record Measured(
      List<Processing> processing,
      Map<String, Double> p95Ms,
      @MayBeAbsent("an earlier version did not keep it") Map<String, UserAnswers> users) {}

  private final String service;
  private final List<Measured> newestFirst;

  EarlierMeasurements(String service, StepContext context) {
    List<PastStep> past = context.started(MeasureHealth.class);
    List<Measured> found = new ArrayList<>();
    past.forEach(step -> step.saved(SAVED, Measured.class).ifPresent(found::add));
    Collections.reverse(found);
    this.service = service;
    this.newestFirst = found;
  }

  /**
   * What users got before this measurement: from the baseline; and from the candidate, once a
   * person let it be judged by itself, who had seen that.
   */
  static UserAnswers before(String candidate, String baseline, StepContext context) {
    UserAnswers users = new EarlierMeasurements(baseline, context).users();
    return JudgeAlone.isDecided(candidate, baseline, context)
        ? users.worse(new EarlierMeasurements(candidate, context).worst4xx())
        : users;
  }

  /** How it processed when that was last measured on the same basis. */
  Optional<Processing> processing(Processing ours) {
    return newestFirst.stream()
        .flatMap(measured -> measured.processing().stream())
        .filter(one -> one.service().equals(service) && one.comparableWith(ours))
        .findFirst();
  }

  /** What its users got when it last had any. */
  UserAnswers users() {
    return allUsers().findFirst().orElse(UserAnswers.NONE);
  }

  /** What its users got when they got the most 4xx. */
  UserAnswers worst4xx() {
    return allUsers().reduce(UserAnswers.NONE, UserAnswers::worse);
  }

  private Stream<UserAnswers> allUsers() {
    return newestFirst.stream()
        .filter(measured -> measured.users() != null)
        .map(measured -> measured.users().get(service))
        .filter(answers -> answers != null && answers.requests() > 0);
  }

  /** Its last p95, in milliseconds. */
  Optional<Double> p95Ms() {
    return newestFirst.stream()
        .map(measured -> measured.p95Ms().get(service))
        .filter(Objects::nonNull)
        .findFirst();
  }
}

package io.belay.capability.change;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.capability.change.CheckedChange.Seen;
import io.belay.capability.change.CheckedChange.State;
import io.belay.step.Expectations;
import io.belay.step.StepContext;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.HttpTarget.Request;
import io.belay.target.Masking;
import io.belay.target.TargetException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The requests of one target, sent for one attempt of a step. */
final class HttpChange implements CheckedChange.Way {

  private static final Pattern PLACE = Pattern.compile("\\{([A-Z][A-Z0-9_]*)}");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LONGEST_VALUE = 1000;

  private final HttpProbe http;
  private final String name;
  private final HttpTarget target;
  private final StepContext context;
  private final Masking masking;
  private final Map<String, String> values;

  /**
   * @param name of the target
   * @param parameters for its paths and bodies
   */
  HttpChange(HttpProbe http, String name, Map<String, String> parameters, StepContext context) {
    this.http = http;
    this.name = name;
    this.target = context.target(name, HttpTarget.class);
    this.context = context;
    this.masking = Masking.of(target.secrets());
    this.values = new TreeMap<>(parameters);
  }

  @Override
  public Seen check() {
    Expectations.Answer answer = send(target.check());
    List<String> unmet = Expectations.valueOf(target.check().expect()).unmet(answer);
    if (!unmet.isEmpty()) {
      throw new TargetException(
          "whether the change '%s' is in place is not known: %s: %s"
              .formatted(name, target.check(), String.join("; ", unmet)));
    }
    State state = State.HALF;
    if (Expectations.valueOf(target.done()).unmet(answer).isEmpty()) {
      state = State.DONE;
      values.putAll(carried(answer));
    } else if (Expectations.valueOf(target.notDone()).unmet(answer).isEmpty()) {
      state = State.NOT_DONE;
    }
    context.log("'%s' is %s (%s: %d)", name, state, target.check(), answer.code());
    return new Seen(state, answer);
  }

  /**
   * The values to carry on, from the answer of a check that found the change in place.
   *
   * @throws TargetException when one is not there
   */
  Map<String, String> carried(Expectations.Answer answer) {
    Map<String, String> carried = new TreeMap<>();
    target
        .carry()
        .forEach(
            (key, pointer) -> {
              JsonNode value = at(answer, pointer);
              if (!value.isValueNode() || value.isNull()) {
                throw new TargetException(
                    "the answer of %s of '%s' has no value at %s to carry on as %s"
                        .formatted(target.check(), name, pointer, key));
              }
              if (value.asText().length() > LONGEST_VALUE) {
                throw new TargetException(
                    "the value at %s in the answer of %s of '%s' is longer than %d characters"
                        .formatted(pointer, target.check(), name, LONGEST_VALUE));
              }
              carried.put(key, value.asText());
            });
    return carried;
  }

  private JsonNode at(Expectations.Answer answer, String pointer) {
    try {
      return JSON.readTree(answer.output()).at(pointer);
    } catch (JsonProcessingException e) {
      throw new TargetException(
          "the answer of %s of '%s' is no JSON".formatted(target.check(), name), e);
    }
  }

  @Override
  public void apply() {
    change("apply", target.apply());
  }

  @Override
  public void revert() {
    change("revert", target.revert());
  }

  private void change(String verb, Request request) {
    Expectations.Answer answer = send(request);
    context.log("%s of '%s': %s answered %d", verb, name, request, answer.code());
    List<String> unmet = Expectations.valueOf(request.expect()).unmet(answer);
    if (!unmet.isEmpty()) {
      throw new TargetException(
          "'%s' of '%s' (%s): %s. What it did is still there; the next attempt checks it first"
              .formatted(verb, name, request, String.join("; ", unmet)));
    }
  }

  private Expectations.Answer send(Request request) {
    String path = filled(request.path(), HttpChange::inAddress);
    URI uri;
    try {
      uri = URI.create(target.url() + path);
    } catch (IllegalArgumentException e) {
      throw new TargetException("%s of '%s' is no address".formatted(request, name));
    }
    HttpRequest.Builder builder = HttpRequest.newBuilder(uri);
    target.headers().forEach((header, value) -> builder.setHeader(header, value.reveal()));
    builder.setHeader("X-Belay-Fence", Long.toString(context.fence()));
    String body = null;
    if (request.body() == null) {
      builder.method(request.method(), BodyPublishers.noBody());
    } else {
      boolean json = request.contentType().contains("json");
      body = filled(request.body(), json ? HttpChange::inJson : UnaryOperator.identity());
      builder.setHeader("Content-Type", request.contentType());
      builder.method(request.method(), BodyPublishers.ofString(body));
    }
    if (request != target.check()) {
      builder.setHeader("Idempotency-Key", '"' + key(request, uri, body) + '"');
    }
    HttpProbe.Answer answer =
        HttpProbe.await(http.send(builder, uri, target.timeout()), context.cancellation());
    if (!answer.answered()) {
      throw new TargetException(
          "%s of '%s' has no answer: %s. Whether it took effect is not known; the next attempt checks it"
              .formatted(request, name, answer.failure()));
    }
    return new Expectations.Answer(answer.status(), masking.mask(answer.body()), answer.whole());
  }

  /** One for each request of the step: a server that honours it drops no other request. */
  private String key(Request request, URI uri, String body) {
    String what = request.method() + " " + uri + "\n" + body;
    return context.stepKey() + "-" + UUID.nameUUIDFromBytes(what.getBytes(StandardCharsets.UTF_8));
  }

  private String filled(String text, UnaryOperator<String> escape) {
    return PLACE
        .matcher(text)
        .replaceAll(
            place -> {
              String value = values.get(place.group(1));
              if (value == null) {
                throw new TargetException(
                    "'%s' of '%s' needs a value for {%s}, which is not known"
                        .formatted(text, name, place.group(1)));
              }
              return Matcher.quoteReplacement(escape.apply(value));
            });
  }

  private static String inAddress(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String inJson(String value) {
    return new String(JsonStringEncoder.getInstance().quoteAsString(value));
  }
}

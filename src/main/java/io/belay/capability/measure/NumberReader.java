package io.belay.capability.measure;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.command.Commands;
import io.belay.command.Place;
import io.belay.command.Places;
import io.belay.step.Comparison;
import io.belay.step.StepContext;
import io.belay.target.CommandTarget;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.Masking;
import io.belay.target.MetricsText;
import io.belay.target.ServiceTarget;
import io.belay.target.SqlTarget;
import io.belay.target.Target;
import io.belay.target.TargetException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Component;

/**
 * Reads one number. Changes nothing: a query runs in a transaction that reads only, as far as the
 * database knows such.
 */
@Component
final class NumberReader {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Connections connections;
  private final HttpProbe http;
  private final Places places;

  NumberReader(Connections connections, HttpProbe http, Places places) {
    this.connections = connections;
    this.http = http;
    this.places = places;
  }

  /** What is known before the run to be wrong with a source. */
  static Optional<String> problem(NumberSource source, Environment environment) {
    try {
      Target target = environment.target(source.target(), source.kind().target());
      if (target instanceof CommandTarget command) {
        Optional<String> problem = command.notForChecks(source.target());
        if (problem.isPresent()) {
          return problem;
        }
      }
      return target instanceof CommandTarget command && command.on().size() > 1
          ? Optional.of(
              "command target '%s' runs on several hosts, and a number is of one"
                  .formatted(source.target()))
          : Optional.empty();
    } catch (TargetException e) {
      return Optional.of(e.getMessage());
    }
  }

  /**
   * @throws TargetException saying why there is no number
   */
  double read(NumberSource source, StepContext context) {
    return switch (source.kind()) {
      case SQL -> sql(source, context);
      case JSON -> json(get(source, source.path(), context), source.behindPath(), source);
      case METRIC -> metric(get(source, source.path(), context), source);
      case PROMQL -> promql(source, context);
      case OUTPUT -> number(ask(source, context).output().strip(), source);
      case EXIT -> ask(source, context).exitCode();
      case COUNT -> count(source, context);
      case LOG -> log(source, context);
    };
  }

  private static double metric(String document, NumberSource source) {
    try {
      return Series.valueOf(source.behindPath())
          .valueIn(document)
          .orElseThrow(() -> none(source, "there is no such series, or it has no value"));
    } catch (MetricsText.NotUnderstood | IllegalArgumentException e) {
      throw none(source, e.getMessage());
    }
  }

  @SuppressWarnings("try") // the registration is only to be closed
  private double sql(NumberSource source, StepContext context) {
    SqlTarget target = context.target(source.target(), SqlTarget.class);
    try (Connection connection = connections.sqlReadOnly(target);
        AutoCloseable registration =
            context.cancellation().onCancel(() -> Connections.interrupt(connection))) {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(source.operand())) {
        if (!rows.next() || rows.getString(1) == null) {
          throw none(source, "the query returned no value");
        }
        double value = number(rows.getString(1), source);
        if (rows.next()) {
          throw none(source, "the query returned more than one row");
        }
        return value;
      }
    } catch (SQLException e) {
      context.cancellation().throwIfCancelled();
      throw none(source, e.getMessage());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private String get(NumberSource source, String path, StepContext context) {
    HttpTarget target = context.target(source.target(), HttpTarget.class);
    URI uri;
    try {
      uri = URI.create(target.url() + path);
    } catch (IllegalArgumentException e) {
      throw none(source, "'%s' is no path".formatted(path));
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).GET();
    target.headers().forEach((name, value) -> request.setHeader(name, value.reveal()));
    HttpProbe.Answer answer = http.send(request, uri, target.timeout()).join();
    if (!answer.ok()) {
      throw none(source, answer.answered() ? "status " + answer.status() : answer.failure());
    }
    if (!answer.whole()) {
      throw none(source, "the answer is too long to be read whole");
    }
    return Masking.of(target.secrets()).mask(answer.body());
  }

  private static double json(String document, String pointer, NumberSource source) {
    JsonNode value = tree(document, source).at(pointer);
    if (!value.isNumber() && !value.isTextual()) {
      throw none(source, "there is no number at %s".formatted(pointer));
    }
    return number(value.asText(), source);
  }

  /** One sample; of a vector with several series nobody could say which is meant. */
  private double promql(NumberSource source, StepContext context) {
    String path =
        "/api/v1/query?query=" + URLEncoder.encode(source.operand(), StandardCharsets.UTF_8);
    JsonNode data = tree(get(source, path, context), source).path("data");
    JsonNode result = data.path("result");
    if (data.path("resultType").asText().equals("scalar")) {
      return number(result.path(1).asText(), source);
    }
    if (result.size() != 1) {
      throw none(source, "the query returned %d series instead of one".formatted(result.size()));
    }
    return number(result.path(0).path("value").path(1).asText(), source);
  }

  private static JsonNode tree(String document, NumberSource source) {
    try {
      return JSON.readTree(document);
    } catch (JsonProcessingException e) {
      throw none(source, "the answer is no JSON");
    }
  }

  private Commands.Answer ask(NumberSource source, StepContext context) {
    CommandTarget target = context.target(source.target(), CommandTarget.class);
    problem(source, context.environment())
        .ifPresent(
            why -> {
              throw none(source, why);
            });
    Place place = places.of(target, context.environment()).get(0);
    Commands.Answer answer =
        place.ask(target.run(), context.commandEnvironment(), context.cancellation());
    if (source.kind() != NumberSource.Kind.EXIT && answer.exitCode() != 0) {
      throw none(
          source,
          "the command ended with exit code %d: %s"
              .formatted(answer.exitCode(), answer.errors().strip()));
    }
    return answer;
  }

  private double count(NumberSource source, StepContext context) {
    Commands.Answer answer = ask(source, context);
    if (!answer.whole()) {
      throw none(source, "the command printed too much to be counted");
    }
    Pattern wanted = Pattern.compile(source.operand());
    return answer.output().lines().filter(line -> wanted.matcher(line).find()).count();
  }

  private static double log(NumberSource source, StepContext context) {
    ServiceTarget service = context.target(source.target(), ServiceTarget.class);
    if (service.log() == null || service.log().isBlank()) {
      throw none(source, "the service has no 'log'");
    }
    Path file = Path.of(service.log());
    Pattern wanted = Pattern.compile(source.operand());
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      long count = 0;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        context.cancellation().throwIfCancelled();
        count += wanted.matcher(line).find() ? 1 : 0;
      }
      return count;
    } catch (IOException e) {
      throw none(source, "%s cannot be read (%s)".formatted(file, e.getClass().getSimpleName()));
    }
  }

  private static double number(String text, NumberSource source) {
    if (!Comparison.isNumber(text)) {
      throw none(
          source,
          text.isEmpty()
              ? "there was no answer"
              : "'%s' is no number".formatted(text.length() > 80 ? text.substring(0, 80) : text));
    }
    double value = Double.parseDouble(text);
    if (!Double.isFinite(value)) {
      throw none(source, "'%s' is beyond all numbers".formatted(text));
    }
    return value;
  }

  private static TargetException none(NumberSource source, String why) {
    return new TargetException("'%s' gave no number: %s".formatted(source, why));
  }
}

package io.belay.capability.outbox;

import io.belay.command.Commands;
import io.belay.step.Expectations;
import io.belay.step.StepContext;
import io.belay.step.StepDelegate;
import io.belay.step.StepPlan;
import io.belay.step.TargetName;
import io.belay.step.Verdict;
import io.belay.target.CommandTarget;
import io.belay.target.Connections;
import io.belay.target.Environment;
import io.belay.target.HttpProbe;
import io.belay.target.HttpTarget;
import io.belay.target.PostgresTarget;
import io.belay.target.ReadFiles;
import io.belay.target.ServerWords;
import io.belay.target.Target;
import io.belay.target.TargetException;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.stereotype.Component;

/**
 * Publishes the events of an outbox that are unprocessed when it begins, and marks them as
 * processed: at least once, in order per aggregate, whatever order their transactions commit in. It
 * cannot be undone, for the events have left. An attempt after a kill publishes at most one batch
 * again, from its beginning.
 *
 * <p>An event that the publisher refuses stops its own aggregate only; the verdict is then FAIL.
 */
@Component
public final class DrainOutbox extends StepDelegate<DrainOutbox.Input, DrainOutbox.Result> {

  /** What a model writes for a table whose events belong to no aggregate: all keep one order. */
  static final String NONE = TargetName.NONE;

  /**
   * @param database name of the target with the table
   * @param publisher name of the target that gets the events: {@code http} or {@code command}
   * @param path of the server to post to
   * @param expect what it must answer; nothing means status 2xx, or exit code 0
   * @param table may begin with a schema and a dot
   * @param id column that identifies an event
   * @param aggregate column of what an event is about; {@code none} for one order of all
   * @param type column
   * @param payload column
   * @param processed boolean or timestamp columns; the first says whether an event is processed,
   *     all are set
   * @param order number or time in whose ascending order the events of an aggregate were written
   * @param batch how many events are published before they are marked
   * @param attempts how often an event is offered before its aggregate stops
   * @param pause between two offers of the same event
   * @param patience how long to wait for open transactions that have written events, and for
   *     another drain
   */
  public record Input(
      @NotBlank @TargetName(PostgresTarget.class) String database,
      @NotBlank @TargetName(Target.class) String publisher,
      @NotNull @Pattern(regexp = "/\\S*") @DefaultValue("/") String path,
      @NotNull @DefaultValue("") Expectations expect,
      @NotNull @Pattern(regexp = "[^.]+(\\.[^.]+)?") @DefaultValue("outbox_events") String table,
      @NotBlank @DefaultValue("id") String id,
      @NotBlank @DefaultValue("aggregate_id") String aggregate,
      @NotBlank @DefaultValue("type") String type,
      @NotBlank @DefaultValue("payload") String payload,
      @NotEmpty @DefaultValue("processed") List<@NotBlank String> processed,
      @NotBlank @DefaultValue("id") String order,
      @Min(1) @DefaultValue("100") int batch,
      @Min(1) @DefaultValue("3") int attempts,
      @NotNull @DefaultValue("5s") Duration pause,
      @NotNull @DefaultValue("1m") Duration patience) {}

  /**
   * @param verdict PASS when no aggregate is stopped, else FAIL
   * @param published how many events this attempt published
   * @param stopped how many aggregates are stopped
   * @param left how many events are unprocessed in the end, with those written meanwhile
   */
  public record Result(Verdict verdict, String reason, long published, long stopped, long left) {}

  private final Connections connections;
  private final HttpProbe http;
  private final Commands commands;

  DrainOutbox(Connections connections, HttpProbe http, Commands commands) {
    super(Input.class, Result.class);
    this.connections = connections;
    this.http = http;
    this.commands = commands;
  }

  @Override
  public Result perform(Input input, StepContext context) throws Exception {
    requireCheck(input, context);
    Publisher publisher = publisher(input, context);
    try (OutboxSession session = OutboxSession.open(connections, input.database(), context)) {
      OutboxTable table = new OutboxTable(session.connection(), input);
      session.lock(table.oid(), input.patience());
      return new Drain(session, table, publisher, input, context).run();
    } catch (SQLException e) {
      context.cancellation().throwIfCancelled();
      SQLException said = ServerWords.withoutDetail(e);
      throw new TargetException(
          "the outbox %s of '%s' failed: %s. No event is lost; the next attempt publishes at most %d events again"
              .formatted(input.table(), input.database(), said.getMessage(), input.batch()),
          said);
    }
  }

  private Publisher publisher(Input input, StepContext context) {
    PostgresTarget database = context.target(input.database(), PostgresTarget.class);
    String source = "/%s/%s".formatted(encoded(database.database()), encoded(input.table()));
    Target target = context.target(input.publisher(), Target.class);
    if (target instanceof HttpTarget server) {
      Expectations expected = expected(input, "status 2xx");
      return new HttpPublisher(http, server, input.path(), source, expected, context);
    }
    if (context.attempt() > 1) {
      commands.endLeft(context.stepKey());
    }
    Expectations expected = expected(input, "exit 0");
    return new CommandPublisher(commands, (CommandTarget) target, source, expected, context);
  }

  /**
   * @param success expected beside other things, unless the code itself is
   */
  private static Expectations expected(Input input, String success) {
    return input.expect().judgeCode()
        ? input.expect()
        : Expectations.valueOf(success + "\n" + input.expect().text());
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public List<String> check(Input input, Environment environment) {
    List<String> problems = new ArrayList<>();
    Target target = environment.target(input.publisher(), Target.class);
    if (target instanceof CommandTarget command) {
      String where = "command target '%s', which 'publisher' names, ".formatted(input.publisher());
      if (command.run() == null) {
        problems.add(where + "has no 'run' to publish with");
      }
      if (!command.on().isEmpty()) {
        problems.add(where + "must run on this machine, without 'on'");
      }
      if (!input.path().equals("/")) {
        problems.add(
            "'path' is for an http target, and '%s' is a command".formatted(input.publisher()));
      }
    } else if (!(target instanceof HttpTarget)) {
      problems.add(
          "'publisher' must name a target of type http or command, and '%s' is none"
              .formatted(input.publisher()));
    }
    return problems;
  }

  @Override
  public StepPlan.Effect effect() {
    return StepPlan.Effect.CANNOT_BE_UNDONE;
  }

  @Override
  public StepPlan plan(Input input, Environment environment) {
    Target target = environment.target(input.publisher(), Target.class);
    List<String> details = new ArrayList<>();
    if (target instanceof CommandTarget command) {
      details.add("with each event as input: " + command.run());
      details.addAll(ReadFiles.describe(command, command.run()));
    } else if (target instanceof HttpTarget server) {
      details.add("each event by POST to %s%s".formatted(server.url(), input.path()));
    }
    details.add("in batches of %d: a kill repeats at most so many events".formatted(input.batch()));
    details.add(
        "in order of %s%s"
            .formatted(
                input.order(),
                input.aggregate().equals(NONE) ? "" : " for each " + input.aggregate()));
    details.add("each is then marked: " + String.join(", ", input.processed()));
    details.add(
        "an event that is refused %d times stops its aggregate".formatted(input.attempts()));
    return StepPlan.cannotBeUndone(
        input.database(),
        "Publish the unprocessed events of %s to '%s'".formatted(input.table(), input.publisher()),
        details.toArray(String[]::new));
  }
}

package io.belay.face.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Belay in a terminal: {@code run}, {@code plan}, {@code runs}, {@code follow}, {@code abort},
 * {@code verify-journal}, {@code deploy}. Passwords and tokens come from environment variables
 * only. Exit code 0 on success, 1 on failure, 2 when the command line is wrong.
 */
public final class Terminal {

  private static final String HELP =
      """
      run <runbook> --environment=<name> [--<parameter>=<value> …] [--name=<name>]
          [--expect=COMPLETED|ROLLED_BACK] [--yes] [--approver=<user> --approver-password-env=VARIABLE]
                           starts a run and follows it to its end
      follow <run id>      follows a run that goes on [--expect=…]
      plan <runbook> --environment=<name> [--<parameter>=<value> …]
                           what each step would do; changes nothing
      runs                 the newest runs
      abort <run id> --reason=<why>
      verify-journal       checks that no entry was changed or removed
      deploy <directory>   deploys the models in it as one set, as an administrator; Belay adds the
                           shared parts that they use, and lists what it refuses

      for all: --url=http://localhost:8080 --user=operator --password-env=BELAY_PASSWORD,
      or --token-env=VARIABLE with a token in that environment variable
      """;

  private static final Set<String> OWN =
      Set.of(
          "url",
          "user",
          "password-env",
          "token-env",
          "name",
          "expect",
          "yes",
          "quit-quietly",
          "approver",
          "approver-password-env",
          "reason",
          "plain");

  private final Arguments arguments;
  private final Display display;
  private final AtomicReference<String> following = new AtomicReference<>();
  private Api api;

  private Terminal(Arguments arguments, Display display) {
    this.arguments = arguments;
    this.display = display;
  }

  public static void main(String[] args) {
    System.exit(run(System.out, args));
  }

  /**
   * Executes the command line.
   *
   * @return the exit code
   */
  public static int run(PrintStream stream, String... args) {
    PrintStream out = new PrintStream(stream, true, StandardCharsets.UTF_8);
    Display display =
        new Display(out, System.console() != null && System.getenv("NO_COLOR") == null);
    try {
      return new Terminal(Arguments.parse(args), display).run();
    } catch (Arguments.Wrong wrong) {
      display.line("bad", "%s", wrong.getMessage());
      return 2;
    } catch (Api.Refused refused) {
      display.line("bad", "%s", refused.getMessage());
      return 1;
    } catch (ConnectException unreachable) {
      display.line("bad", "Belay cannot be reached; is it running, and is --url right?");
      return 1;
    } catch (IOException failure) {
      display.line("bad", "%s", failure.getMessage());
      return 1;
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int run() throws IOException, InterruptedException {
    if (arguments.command().equals("help")) {
      display.line("", "%s", HELP);
      return arguments.words().isEmpty() ? 2 : 0;
    }
    if (!Set.of("run", "plan").contains(arguments.command())) {
      arguments.requireNoOthers(OWN);
    }
    Deploy deploy =
        arguments.command().equals("deploy")
            ? new Deploy(Path.of(arguments.word(1, "directory")))
            : null;
    String url = arguments.option("url", "http://localhost:8080");
    api =
        arguments.has("token-env")
            ? Api.byToken(url, arguments.secret("token-env", ""))
            : Api.byPassword(
                url,
                arguments.option("user", "operator"),
                arguments.secret("password-env", "BELAY_PASSWORD"));
    return switch (arguments.command()) {
      case "run" -> start();
      case "follow" -> follow(arguments.word(1, "run"));
      case "plan" -> plan();
      case "runs" -> runs();
      case "abort" -> abort();
      case "verify-journal" -> verify();
      case "deploy" -> {
        deploy.send(api, display);
        yield 0;
      }
      default ->
          throw new Arguments.Wrong("unknown command '" + arguments.command() + "'; try help");
    };
  }

  private int start() throws IOException, InterruptedException {
    ObjectNode body = Api.JSON.createObjectNode().put("runbook", arguments.word(1, "runbook"));
    if (arguments.has("name")) {
      body.put("name", arguments.option("name", ""));
    }
    ObjectNode parameters = body.putObject("parameters");
    arguments.others(OWN).forEach(parameters::put);
    JsonNode run = api.post("/api/runs", body);
    display.line("strong", "Run %s started by %s", run.path("name").asText(), api.user());
    display.line("", "  %s/runs/%s", api.url(), run.path("id").asText());
    return follow(run.path("id").asText());
  }

  private int follow(String runId) throws IOException, InterruptedException {
    boolean yes = arguments.has("yes");
    Api approver =
        arguments.has("approver")
            ? Api.byPassword(
                api.url(),
                arguments.option("approver", ""),
                arguments.secret("approver-password-env", "BELAY_APPROVER_PASSWORD"))
            : null;
    Keyboard keyboard = System.console() == null ? null : Keyboard.ofThisProcess();
    following.set(runId);
    if (!arguments.has("quit-quietly")) {
      new Interrupt(api, display, keyboard, following).install();
    }
    JsonNode end;
    try {
      end =
          new Follower(api, display, new Approvals(api, approver, yes, keyboard, display))
              .follow(runId);
    } finally {
      following.set(null);
    }
    String status = end.path("status").asText();
    String expected = arguments.option("expect", "COMPLETED");
    boolean wanted = status.equals(expected);
    display.line(wanted ? "good" : "bad", "Run ended: %s", status.toLowerCase().replace('_', ' '));
    end.path("standing").forEach(change -> display.line("bad", "  %s", change.asText()));
    if (!wanted) {
      display.line("bad", "  but expected was %s", expected);
    }
    display.line("", "  Report: %s/runs/%s/report", api.url(), runId);
    return wanted ? 0 : 1;
  }

  private int plan() throws IOException, InterruptedException {
    StringBuilder query = new StringBuilder();
    for (Map.Entry<String, String> parameter : arguments.others(OWN).entrySet()) {
      query
          .append(query.isEmpty() ? '?' : '&')
          .append(encode(parameter.getKey()))
          .append('=')
          .append(encode(parameter.getValue()));
    }
    JsonNode plan =
        api.get("/api/runbooks/" + encode(arguments.word(1, "runbook")) + "/plan" + query);
    for (JsonNode phase : plan.path("phases")) {
      display.line("strong", "%s", phase.path("name").asText());
      for (JsonNode task : phase.path("tasks")) {
        String effect = task.at("/plan/effect").asText(task.path("kind").asText());
        display.line(
            effect.equals("CANNOT_BE_UNDONE") ? "bad" : "",
            "  %-28s %-16s %s",
            task.path("name").asText(),
            effect.toLowerCase().replace('_', ' '),
            task.at("/plan/summary").asText(task.path("problem").asText("").replace("null", "")));
        task.at("/plan/details")
            .forEach(detail -> display.line("quiet", "      %s", detail.asText()));
      }
    }
    plan.path("problems").forEach(problem -> display.line("bad", "! %s", problem.asText()));
    return plan.path("problems").isEmpty() ? 0 : 1;
  }

  private int runs() throws IOException, InterruptedException {
    for (JsonNode run : api.get("/api/runs?limit=20")) {
      display.line(
          "",
          "%s  %-20s %-24s %s",
          run.path("id").asText(),
          run.path("status").asText().toLowerCase().replace('_', ' '),
          run.path("environment").asText(),
          run.path("name").asText());
    }
    return 0;
  }

  private int abort() throws IOException, InterruptedException {
    String reason = arguments.option("reason", "");
    if (reason.isBlank()) {
      throw new Arguments.Wrong("abort: --reason=<why> is needed; it goes into the journal");
    }
    api.post(
        "/api/runs/" + encode(arguments.word(1, "run")) + "/abort",
        Api.JSON.createObjectNode().put("reason", reason));
    display.line("back", "The abort is accepted. Between two phases, the next phase takes it.");
    return 0;
  }

  private int verify() throws IOException, InterruptedException {
    JsonNode check = api.get("/api/journal/check");
    check.path("problems").forEach(problem -> display.line("bad", "! %s", problem.asText()));
    boolean intact = check.path("intact").asBoolean();
    display.line(
        intact ? "good" : "bad",
        "The journal is %s: %d entries checked, %d not linked yet.",
        intact ? "intact" : "CHANGED",
        check.path("entries").asLong(),
        check.path("pending").asLong());
    JsonNode anchor = check.path("anchor");
    if (anchor.isObject()) {
      display.line(
          "",
          "Anchored outside the database up to entry %d (%s), since entry %d (%s).",
          anchor.path("link").asLong(),
          Display.time(anchor.path("at").asText()),
          anchor.path("sinceLink").asLong(),
          Display.time(anchor.path("since").asText()));
    }
    return intact ? 0 : 1;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}

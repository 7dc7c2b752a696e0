package io.belay.face.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.step.BusinessStop;
import io.belay.step.CheckedTargets;
import io.belay.step.Node;
import io.belay.step.Sample;
import io.belay.step.StepJournal;
import io.belay.step.StepJournals;
import io.belay.step.StepRun;
import io.belay.step.StepTask;
import io.belay.target.TargetIdentity;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.web.util.UriUtils;

/** Executions of steps in Belay's journal, over its REST interface for agents. */
class RestStepJournals implements StepJournals {

  private static final Logger log = LoggerFactory.getLogger(RestStepJournals.class);
  private static final TypeReference<List<JournalEntry>> ENTRIES = new TypeReference<>() {};

  private final BelayClient belay;
  private final Node node;
  private final ObjectMapper json;

  RestStepJournals(BelayClient belay, Node node, ObjectMapper json) {
    this.belay = belay;
    this.node = node;
    this.json = json;
  }

  @Override
  public StepJournal of(StepTask task, String step) {
    return new OfExecution("/api/agent/steps/" + task.key());
  }

  @Override
  public <T> T together(Supplier<T> work) {
    return work.get();
  }

  @Override
  public void beat(Node living) {
    belay.once(
        "POST", "/api/agent/beat", living.name(), Map.of("steps", List.copyOf(living.working())));
  }

  private final class OfExecution implements StepJournal {

    private final String path;

    OfExecution(String path) {
      this.path = path;
    }

    private JsonNode ask() {
      return belay.persistently("GET", path, node.name(), null);
    }

    @Override
    public StepRun run() {
      return convert(ask().path("run"));
    }

    private StepRun convert(JsonNode run) {
      try {
        return json.treeToValue(run, StepRun.class);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("Belay's answer about the run cannot be read", e);
      }
    }

    @Override
    public boolean holdsTargets() {
      return ask().path("holdsTargets").asBoolean(false);
    }

    @Override
    public List<JournalEntry> past() {
      return json.convertValue(ask().path("past"), ENTRIES);
    }

    @Override
    public List<JournalEntry> ofStep(String step) {
      String earlier =
          path
              + "/earlier?step="
              + UriUtils.encodeQueryParam(step, java.nio.charset.StandardCharsets.UTF_8);
      return json.convertValue(belay.persistently("GET", earlier, node.name(), null), ENTRIES);
    }

    @Override
    public boolean begin(int attempt, JsonNode input) {
      if (!holdsTargets()) {
        return false;
      }
      try {
        write("POST", "/begin", body("attempt", attempt, "input", input));
      } catch (CancellationException refused) {
        throw stopped().map(BusinessStop::new).map(RuntimeException.class::cast).orElse(refused);
      }
      return true;
    }

    /** Why the run must not go on with this step, if Belay has recorded that. */
    private Optional<String> stopped() {
      return past().stream()
          .filter(entry -> entry.kind() == Kind.BUSINESS_STOP)
          .map(JournalEntry::text)
          .findFirst();
    }

    @Override
    public void end(Kind kind, String text, JsonNode payload) {
      write("POST", "/end", body("kind", kind, "text", shorten(text), "payload", payload));
    }

    @Override
    public boolean end(JsonNode result, Runnable tell) {
      end(Kind.RESULT, DONE, result);
      return false;
    }

    @Override
    public void note(Kind kind, String text, JsonNode payload) {
      write("POST", "/notes", body("kind", kind, "text", shorten(text), "payload", payload));
    }

    @Override
    public CheckedTargets.Answer find(String target, TargetIdentity found) {
      return json.convertValue(
          ask("POST", "/targets/" + target, found), CheckedTargets.Answer.class);
    }

    @Override
    public void announce(String target, TargetIdentity next) {
      ask("PUT", "/targets/" + target + "/next", next);
    }

    @Override
    public void sample(List<Sample> samples) {
      write("POST", "/samples", samples);
    }

    @Override
    public void progress(long done, long total, String unit, String message) {
      try {
        belay.once(
            "PUT",
            path + "/progress",
            node.name(),
            body("done", done, "total", total, "unit", unit, "message", message));
      } catch (RuntimeException unheard) {
        // The next report replaces it; the work does not depend on it.
        log.debug("Progress was not heard: {}", unheard.getMessage());
      }
    }

    private void write(String method, String what, Object body) {
      ask(method, what, body);
    }

    private JsonNode ask(String method, String what, Object body) {
      try {
        return belay.persistently(method, path + what, node.name(), body);
      } catch (NoSuchElementException another) {
        throw new CancellationException(another.getMessage());
      }
    }
  }

  private static String shorten(String text) {
    return text == null || text.length() <= 4000 ? text : text.substring(0, 3999) + "…";
  }

  private static Map<String, Object> body(Object... namesAndValues) {
    Map<String, Object> body = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      body.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return body;
  }
}

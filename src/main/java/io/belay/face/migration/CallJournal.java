package io.belay.face.migration;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import io.belay.security.RequestRefused;
import jakarta.annotation.PreDestroy;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.time.Clock;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Writes every call of the migration interface into the journal, with the caller and the outcome,
 * including calls that security refused. {@link CallTally} counts those often repeated: reads and
 * refusals.
 */
@Component
class CallJournal implements AsyncHandlerInterceptor, WebMvcConfigurer {

  /** Stands in for the run id, since a call may belong to no run. */
  static final String CALLS = "migration-api";

  private static final Logger LOG = LoggerFactory.getLogger(CallJournal.class);
  private static final String PATHS = "/api/migration/";
  private static final String WRITTEN = CallJournal.class.getName() + ".written";
  private static final int TEXT_LIMIT = 300;

  /** Only these paths are told apart, since a refused caller can make up any. */
  private static final Set<String> KNOWN =
      Set.of(
          "plan",
          "snapshot",
          "start",
          "progress",
          "validate",
          "rollback",
          "stop",
          "status",
          "mode",
          "logs",
          "query");

  private record Call(String user, String what, int status, String query) {}

  private final Journal journal;
  private final ObjectMapper json;
  private final CallTally<Call> looks = new CallTally<>(Clock.systemUTC(), this::write);
  private final CallTally<Call> refusals = new CallTally<>(Clock.systemUTC(), this::write);

  CallJournal(Journal journal, ObjectMapper json) {
    this.journal = journal;
    this.json = json;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).addPathPatterns(PATHS + "**");
  }

  @Override
  public void afterConcurrentHandlingStarted(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    write(request, response.getStatus()); // a stream may be open for hours
  }

  @Override
  public void afterCompletion(
      HttpServletRequest request, HttpServletResponse response, Object handler, Exception failure) {
    write(request, response.getStatus());
  }

  private void write(HttpServletRequest request, int status) {
    if (request.getAttribute(WRITTEN) != null) {
      return;
    }
    request.setAttribute(WRITTEN, true);
    Principal principal = request.getUserPrincipal();
    String user = principal == null ? "nobody" : principal.getName();
    String what = request.getMethod() + " " + shortened(request.getRequestURI());
    if (looks(request)) {
      looks.count(
          new Call(user, what, status, null), new Call(user, "GET " + PATHS + "…", status, null));
    } else {
      write(new Call(user, what, status, request.getQueryString()), 1);
    }
  }

  private static boolean looks(HttpServletRequest request) {
    String path = request.getRequestURI();
    boolean takesLong = path.endsWith("/plan");
    return (request.getMethod().equals("GET") && !takesLong) || path.contains("/query/");
  }

  @EventListener
  void refused(RequestRefused refused) {
    if (!refused.path().startsWith(PATHS)) {
      return;
    }
    String known = refused.path().substring(PATHS.length()).split("/", 2)[0];
    String what = refused.method() + " " + PATHS + (KNOWN.contains(known) ? known : "…");
    String user = refused.user() == null ? "anonymous, " + refused.address() : refused.user();
    try {
      refusals.count(
          new Call(user, what, refused.status(), null),
          new Call("several", "calls of " + PATHS + "…", refused.status(), null));
    } catch (DataAccessException lost) {
      LOG.warn("{} was refused to {} ({}), which the journal could not take", what, user, lost);
    }
  }

  private void write(Call call, long times) {
    ObjectNode details = json.createObjectNode();
    details.put("status", call.status());
    details.put("calls", times);
    if (call.query() != null) {
      details.put("query", shortened(call.query()));
    }
    journal.append(
        JournalEntry.of(
                CALLS,
                Kind.CALL,
                "%s: %d%s"
                    .formatted(
                        call.what(),
                        call.status(),
                        times == 1 ? "" : " (%d times)".formatted(times)))
            .by(call.user())
            .with(details));
  }

  private static String shortened(String text) {
    return text.length() <= TEXT_LIMIT ? text : text.substring(0, TEXT_LIMIT) + "…";
  }

  @PreDestroy
  void flush() {
    looks.flush();
    refusals.flush();
  }
}

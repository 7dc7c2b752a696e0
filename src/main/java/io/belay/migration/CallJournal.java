package io.belay.migration;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.belay.journal.Journal;
import io.belay.journal.JournalEntry;
import io.belay.journal.Kind;
import jakarta.annotation.PreDestroy;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.security.Principal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;
import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Writes every call of the migration interface into the journal, with who called and what became of
 * it. Calls that only look are often repeated: the first is written at once, those of the minute
 * after it together with the next one, as a number.
 */
@Component
class CallJournal implements AsyncHandlerInterceptor, WebMvcConfigurer {

  /** Stands for the run, as calls may belong to none. */
  static final String CALLS = "migration-api";

  private static final Duration TOGETHER = Duration.ofMinutes(1);
  private static final String WRITTEN = CallJournal.class.getName() + ".written";
  private static final int TEXT_LIMIT = 300;

  private record Key(String user, String call, int status) {}

  private record Tally(Instant writtenAt, long unwritten) {}

  private final Journal journal;
  private final ObjectMapper json;
  private final Clock clock = Clock.systemUTC();
  private final Map<Key, Tally> looks = new ConcurrentHashMap<>();

  CallJournal(Journal journal, ObjectMapper json) {
    this.journal = journal;
    this.json = json;
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this).addPathPatterns("/api/migration/**");
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
    Principal user = request.getUserPrincipal();
    Key key =
        new Key(
            user == null ? "nobody" : user.getName(),
            request.getMethod() + " " + shortened(request.getRequestURI()),
            status);
    if (!looks(request)) {
      write(key, request.getQueryString(), 1);
      return;
    }
    Instant now = clock.instant();
    long[] due = new long[1];
    looks.compute(
        key,
        (same, tally) -> {
          if (tally != null && tally.writtenAt().plus(TOGETHER).isAfter(now)) {
            return new Tally(tally.writtenAt(), tally.unwritten() + 1);
          }
          due[0] = tally == null ? 1 : tally.unwritten() + 1;
          return new Tally(now, 0);
        });
    if (due[0] > 0) {
      write(key, request.getQueryString(), due[0]);
      flush(now.minus(TOGETHER));
    }
  }

  private static boolean looks(HttpServletRequest request) {
    String path = request.getRequestURI();
    boolean takesLong = path.endsWith("/plan");
    return (request.getMethod().equals("GET") && !takesLong) || path.contains("/query/");
  }

  private void write(Key key, String query, long calls) {
    ObjectNode details = json.createObjectNode();
    details.put("status", key.status());
    details.put("calls", calls);
    if (query != null) {
      details.put("query", shortened(query));
    }
    journal.append(
        JournalEntry.of(
                CALLS,
                Kind.CALL,
                "%s: %d%s"
                    .formatted(
                        key.call(), key.status(), calls == 1 ? "" : " (%d times)".formatted(calls)))
            .by(key.user())
            .with(details));
  }

  private static String shortened(String text) {
    return text.length() <= TEXT_LIMIT ? text : text.substring(0, TEXT_LIMIT) + "…";
  }

  /** Writes what was counted and not followed by another call. */
  private void flush(Instant writtenBefore) {
    looks.forEach(
        (key, tally) -> {
          if (!tally.writtenAt().isAfter(writtenBefore) && looks.remove(key, tally)) {
            if (tally.unwritten() > 0) {
              write(key, null, tally.unwritten());
            }
          }
        });
  }

  @PreDestroy
  void flush() {
    flush(Instant.MAX);
  }
}

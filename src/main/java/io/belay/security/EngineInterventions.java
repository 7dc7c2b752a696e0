package io.belay.security;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.web.util.UrlPathHelper;

/**
 * Requests to the engine's REST interface, in Camunda's own or the webapps' form, with which one
 * could walk around a gate or an approval: moving tokens, setting variables, reporting the results
 * of steps. The engine knows one right for all of that and for what an operator needs (start,
 * abort, retry), so what is not needed every day is for administrators.
 */
final class EngineInterventions implements RequestMatcher {

  private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

  private static final Pattern API =
      Pattern.compile("(?:/engine-rest(?:/engine/[^/]+)?|/camunda/api/engine/engine/[^/]+)(/.*)?");

  /** What those who may do it at all do every day; the engine checks their rights. */
  private static final Pattern EVERYDAY =
      Pattern.compile(
          String.join(
              "|",
              // queries that are too long for an address
              "/(process-instance|execution|variable-instance|task|job|external-task)(/count)?",
              "/history/[a-z-]+(/count)?",
              "/filter/[^/]+/(list|singleResult|count)",
              // to start and to abort
              "/process-definition/.+/(start|submit-form)",
              "/message",
              // to decide
              "/task/[^/]+/(claim|unclaim|complete|submit-form|comment/create)",
              // to try again
              "/(job|external-task)/([^/]+/)?retries",
              // oneself
              "/user/[^/]+/(credentials|profile)",
              "/identity/verify"));

  @Override
  public boolean matches(HttpServletRequest request) {
    Matcher api = API.matcher(UrlPathHelper.defaultInstance.getPathWithinApplication(request));
    return api.matches()
        && !SAFE.contains(request.getMethod())
        && !isEveryday(request.getMethod(), api.group(1) == null ? "" : api.group(1));
  }

  private static boolean isEveryday(String method, String path) {
    return !method.equals("DELETE") && EVERYDAY.matcher(path.replaceFirst("/+$", "")).matches();
  }
}

package io.belay.security;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets through to the engine's REST interfaces what {@link Doors} opens to the caller's groups, and
 * nothing else. The engine reads the body and the parameters that were checked, never those that
 * were sent: two readers cannot understand them differently.
 */
class DoorKeeper extends OncePerRequestFilter {

  /** A request that is not let through; the message is the sentence that its sender reads. */
  static final class Closed extends Exception {
    private final HttpStatus status;

    Closed(HttpStatus status, String message) {
      super(message);
      this.status = status;
    }
  }

  private static final int LARGEST = 1024 * 1024;
  private static final int DEEPEST = 20;
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

  private static final ObjectMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private record Opening(Door door, Pattern path) {}

  private static final List<Opening> OPENINGS =
      Doors.ALL.stream().map(door -> new Opening(door, door.pattern())).toList();

  private final Agents agents;
  private final DoorRules rules;
  private final Problems problems;

  DoorKeeper(Agents agents, DoorRules rules, Problems problems) {
    this.agents = agents;
    this.rules = rules;
    this.problems = problems;
  }

  /** The doors at that path, whoever may pass them. */
  static List<Door> at(String method, String path) {
    String asked = method.equals("HEAD") ? "GET" : method;
    return OPENINGS.stream()
        .filter(opening -> opening.door().method().equals(asked))
        .filter(opening -> opening.path().matcher(path).matches())
        .map(Opening::door)
        .toList();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      Authentication caller = SecurityContextHolder.getContext().getAuthentication();
      Door door = door(request, roles(caller));
      requireWebappsToken(request);
      CheckedRequest checked = checked(request, door);
      rules.pass(door.rule(), caller, checked, response, chain);
    } catch (Closed closed) {
      problems.refuse(request, response, closed.status, closed.getMessage());
    }
  }

  private static void requireWebappsToken(HttpServletRequest request) throws Closed {
    if (Agents.path(request).startsWith("/camunda/")
        && !READING.contains(request.getMethod())
        && !WebappsToken.isCarriedBy(request)) {
      throw new Closed(
          HttpStatus.FORBIDDEN,
          "The request lacks the X-XSRF-TOKEN header with the value of the cookie XSRF-TOKEN.");
    }
  }

  private Set<Role> roles(Authentication caller) {
    if (agents.isOne(caller)) {
      return agents.limits(caller).isPresent() ? EnumSet.of(Role.SERVICE) : Set.of();
    }
    Set<String> authorities =
        caller.getAuthorities().stream()
            .map(GrantedAuthority::getAuthority)
            .collect(Collectors.toSet());
    return EnumSet.allOf(Role.class).stream()
        .filter(role -> role != Role.SERVICE && authorities.contains(role.authority()))
        .collect(Collectors.toSet());
  }

  private static Door door(HttpServletRequest request, Set<Role> roles) throws Closed {
    // The webapps ask for some collections with a slash at the end.
    String path = Agents.path(request).replaceFirst("(?<=.)/$", "");
    List<Door> doors = at(request.getMethod(), path);
    Optional<Door> open =
        doors.stream().filter(door -> door.who().stream().anyMatch(roles::contains)).findFirst();
    if (open.isPresent()) {
      return open.get();
    }
    String asked = request.getMethod() + " " + path;
    throw new Closed(
        HttpStatus.FORBIDDEN,
        doors.isEmpty()
            ? "Belay opens %s to nobody. A run is aborted, resumed, retried and overridden on its page or by /api/runs."
                .formatted(asked)
            : "Your groups do not allow %s; it is for %s.".formatted(asked, names(doors)));
  }

  private static String names(List<Door> doors) {
    return doors.stream()
        .flatMap(door -> door.who().stream())
        .distinct()
        .sorted()
        .map(role -> role == Role.SERVICE ? "agent with a token" : role.group())
        .collect(Collectors.joining(", "));
  }

  private static CheckedRequest checked(HttpServletRequest request, Door door)
      throws Closed, IOException {
    String query = CheckedRequest.query(request.getQueryString());
    if (door.body() == null) {
      String type = request.getContentType();
      if (type == null || !type.startsWith(MediaType.MULTIPART_FORM_DATA_VALUE)) {
        throw new Closed(
            HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be multipart/form-data.");
      }
      return new CheckedRequest(request, query, null, null);
    }
    byte[] sent = request.getInputStream().readNBytes(LARGEST + 1);
    if (sent.length > LARGEST) {
      throw new Closed(HttpStatus.PAYLOAD_TOO_LARGE, "The body is longer than 1 MB.");
    }
    JsonNode body = parse(request, sent);
    boolean bodiless = door.body() == BodyShape.NOTHING;
    try {
      JsonNode built = door.body().rebuild("", body);
      return new CheckedRequest(
          request,
          query,
          bodiless ? null : built,
          bodiless ? new byte[0] : JSON.writeValueAsBytes(built));
    } catch (BodyShape.Refused refused) {
      throw new Closed(HttpStatus.BAD_REQUEST, "Refused: " + refused.getMessage() + ".");
    }
  }

  private static JsonNode parse(HttpServletRequest request, byte[] sent)
      throws Closed, IOException {
    if (sent.length == 0) {
      return JSON.createObjectNode();
    }
    String type = request.getContentType();
    if (type == null || !type.matches("(?i)application/json(\\s*;.*)?")) {
      throw new Closed(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json.");
    }
    try {
      JsonNode body = JSON.readTree(sent);
      return body.isNull() || body.isMissingNode() ? JSON.createObjectNode() : body;
    } catch (JsonProcessingException e) {
      throw new Closed(
          HttpStatus.BAD_REQUEST,
          "The body is no valid JSON, or it has a field twice or more than %d levels."
              .formatted(DEEPEST));
    }
  }
}

package io.belay.target;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** A server that is asked, or changed, over HTTP ({@code type: http}). */
@Described(
    "A server that is asked, or changed, over HTTP. A request is `{ method: GET, path: /…, body, content-type: application/json, expect: status 2xx }`; `{NAME}` in its path or body stands for a parameter. Redirects are not followed.")
public record HttpTarget(
    @Described("address without a trailing slash") @NotNull URI url,
    @Described("sent with each request; values are treated as secrets") @DefaultValue
        Map<String, Secret> headers,
    @Described("bound for one request, from the first byte sent to the last byte read")
        @NotNull
        @DefaultValue("10s")
        Duration timeout,
    @Described(
            "request whose answer says whether the change is in place; changes nothing. An answer that is not as its `expect` says tells nothing")
        @Valid
        Request check,
    @Described(
            "what the answer of `check` is when the change is in place, an [expectation](writing-a-runbook.md#steps-that-need-no-java) a line, such as `json /on = true`")
        String done,
    @Described(
            "what it is when the change is not in place; when neither holds, it is half in place")
        String notDone,
    @Described("request that makes the change; sent only after `check` has said no") @Valid
        Request apply,
    @Described("request that takes the change back, also when it is made only half") @Valid
        Request revert,
    @Described(
            "names and JSON pointers: values in the answer of `check` of a change in place, for `revert` and for the runbook")
        @DefaultValue
        Map<String, String> carry,
    @Described(
            "names of the values that a step may give, each with a regular expression that its whole value must match")
        @DefaultValue
        Map<String, String> parameters,
    @Described(
            "names of the targets that the requests change: what protects them holds for this one, too")
        @DefaultValue
        List<String> changes)
    implements WebTarget {

  /**
   * @param path begins with a slash
   * @param body absent for none
   * @param contentType of the body; in JSON, parameter values are escaped
   * @param expect what the answer must satisfy, one expectation per line
   */
  public record Request(
      @NotBlank @Pattern(regexp = "GET|HEAD|POST|PUT|PATCH|DELETE") @DefaultValue("GET")
          String method,
      @NotBlank @Pattern(regexp = "/\\S*") String path,
      String body,
      @NotBlank @DefaultValue("application/json") String contentType,
      @NotBlank @DefaultValue("status 2xx") String expect) {

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  @Override
  public String describe() {
    return "server at " + url;
  }

  /** Present for a change only: two runs that make the same one would revert each other's. */
  @Override
  public Optional<String> identity() {
    return Optional.ofNullable(apply).map(change -> "%s at %s".formatted(change, url));
  }

  @Override
  public Optional<String> address() {
    return Optional.of(url.toString());
  }

  @Override
  public List<String> alsoChanged() {
    return changes;
  }

  @Override
  public boolean isInstruction() {
    return apply != null;
  }

  @Override
  public List<Secret> secrets() {
    return List.copyOf(headers.values());
  }
}

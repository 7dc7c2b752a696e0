package io.belay.face.web;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.belay.security.Tokens;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Short-lived tokens, so that scripts and services need no password for each call. */
@RestController
@Tag(name = "Tokens", description = "Short-lived bearer tokens for people and services")
class TokensApi {

  /** In the format of RFC 6749, so that OAuth clients understand it. */
  record Token(
      @JsonProperty("access_token") String accessToken,
      @JsonProperty("token_type") String tokenType,
      @JsonProperty("expires_in") long expiresIn) {}

  record Key(String kid) {}

  private final Tokens tokens;

  TokensApi(Tokens tokens) {
    this.tokens = tokens;
  }

  @PostMapping(value = "/api/tokens", produces = MediaType.APPLICATION_JSON_VALUE)
  @Operation(
      summary = "A token for oneself",
      description =
          "By HTTP Basic or a session, never by a token. It says who one is; what one may do is"
              + " looked up at each request. A user of the group service may choose the audience;"
              + " an administrator may name such a user. With Accept: text/plain the answer is the"
              + " token alone.")
  Token issue(@RequestBody(required = false) Requests.Token wanted, Principal caller) {
    Tokens.Issued issued = issued(wanted, caller);
    return new Token(
        issued.value(),
        "Bearer",
        Math.max(0, Duration.between(Instant.now(), issued.expiresAt()).toSeconds()));
  }

  @PostMapping(value = "/api/tokens", produces = MediaType.TEXT_PLAIN_VALUE)
  @Operation(hidden = true)
  String issuePlain(@RequestBody(required = false) Requests.Token wanted, Principal caller) {
    return issued(wanted, caller).value();
  }

  private Tokens.Issued issued(Requests.Token wanted, Principal caller) {
    return wanted == null
        ? tokens.issue(caller, null, null)
        : tokens.issue(caller, wanted.service(), wanted.audience());
  }

  @PostMapping("/api/tokens/keys")
  @Operation(
      summary = "Sign with a new key",
      description =
          "For administrators. Tokens of earlier keys count until they end; with revoke=true they"
              + " are refused at once, on other nodes within half a minute.")
  Key rotate(@RequestParam(defaultValue = "false") boolean revoke, Principal caller) {
    return new Key(tokens.rotate(revoke, caller));
  }

  @GetMapping("/.well-known/jwks.json")
  @Operation(
      summary = "Public keys of tokens",
      description = "Open, so that any service can check a token: JSON Web Key Set (RFC 7517).")
  ResponseEntity<Map<String, Object>> publicKeys() {
    return ResponseEntity.ok()
        .cacheControl(CacheControl.maxAge(Duration.ofMinutes(1)).cachePublic())
        .body(tokens.publicKeys());
  }
}

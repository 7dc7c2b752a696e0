package io.belay.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.web.header.writers.ContentSecurityPolicyHeaderWriter;
import org.springframework.security.web.header.writers.DelegatingRequestMatcherHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.NegatedRequestMatcher;

/**
 * What a browser may do with an answer, besides Spring Security's defaults: scripts and styles only
 * from files of Belay's own, nothing from elsewhere, frames only within Belay (Cockpit shows its
 * pages in frames). The webapps send a policy of their own, because their pages have scripts
 * inside.
 */
public final class SecurityHeaders {

  public static final String POLICY = "Content-Security-Policy";

  private SecurityHeaders() {}

  /**
   * The policy of a page with one style in it.
   *
   * @param style what stands in the page's style element
   */
  public static String policyWith(String style) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8));
      return policy("'sha256-" + Base64.getEncoder().encodeToString(hash) + "'", "");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String policy(String style, String formTarget) {
    return ("default-src 'none'; script-src 'self'; style-src 'self' %s; img-src 'self' data:;"
            + " font-src 'self' data:; connect-src 'self'; frame-ancestors 'self';"
            + " base-uri 'none'; form-action 'self' %s")
        .formatted(style, formTarget)
        .replace(" ;", ";")
        .strip();
  }

  /**
   * @param formTarget where forms may lead besides Belay; empty for nowhere
   */
  static void write(HeadersConfigurer<HttpSecurity> headers, String formTarget) {
    headers
        .frameOptions(frame -> frame.sameOrigin())
        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN))
        .addHeaderWriter(
            new DelegatingRequestMatcherHeaderWriter(
                new NegatedRequestMatcher(
                    PathPatternRequestMatcher.withDefaults().matcher("/camunda/**")),
                // This keeps a policy that the page has set.
                new ContentSecurityPolicyHeaderWriter(policy("", formTarget))));
  }
}

package io.belay.security;

import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer;
import org.springframework.security.web.header.writers.ContentSecurityPolicyHeaderWriter;
import org.springframework.security.web.header.writers.DelegatingRequestMatcherHeaderWriter;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.NegatedRequestMatcher;

/**
 * What a browser may do with an answer, besides Spring Security's defaults: scripts only from files
 * of Belay's own, nothing from elsewhere, frames only within Belay (Cockpit shows its pages so).
 * The webapps send a policy of their own, because their pages have scripts inside.
 */
final class SecurityHeaders {

  /** Diagrams and bars are painted with styles at the elements. */
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; font-src 'self' data:; connect-src 'self';"
          + " frame-ancestors 'self'; form-action 'self'; base-uri 'none'";

  private SecurityHeaders() {}

  static void write(HeadersConfigurer<HttpSecurity> headers) {
    headers
        .frameOptions(frame -> frame.sameOrigin())
        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN))
        .addHeaderWriter(
            new DelegatingRequestMatcherHeaderWriter(
                new NegatedRequestMatcher(
                    PathPatternRequestMatcher.withDefaults().matcher("/camunda/**")),
                new ContentSecurityPolicyHeaderWriter(POLICY)));
  }
}

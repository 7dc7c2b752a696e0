package io.belay.security;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses every change that another site's page asks for, whatever credentials the browser sends
 * with it: 403. Refuses the content types that a foreign form can send to Belay's own API: 415.
 * Clients that are no browsers send neither {@code Sec-Fetch-Site} nor {@code Origin}.
 */
class CrossSiteFilter extends OncePerRequestFilter {

  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS", "TRACE");

  /** Belay's own pages, or a person using the address bar or a bookmark. */
  private static final Set<String> OWN_SITES = Set.of("same-origin", "none");

  private static final Set<String> FORMS =
      Set.of("application/x-www-form-urlencoded", "multipart/form-data", "text/plain");

  private final Problems problems;

  CrossSiteFilter(Problems problems) {
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (READING.contains(request.getMethod())) {
      chain.doFilter(request, response);
    } else if (!isFromOwnSite(request)) {
      problems.refuse(
          request,
          response,
          HttpStatus.FORBIDDEN,
          "Another site's page asked for this. Belay takes changes from its own pages and from"
              + " clients that are no browsers.");
    } else if (isForm(request)) {
      problems.refuse(
          request,
          response,
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          "Content type '%s' is not supported; send application/json, or none where there is no body."
              .formatted(request.getContentType()));
    } else {
      chain.doFilter(request, response);
    }
  }

  /** Browsers send Sec-Fetch-Site over TLS and to localhost, and Origin otherwise. */
  private static boolean isFromOwnSite(HttpServletRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    if (site != null) {
      return OWN_SITES.contains(site);
    }
    String origin = request.getHeader(HttpHeaders.ORIGIN);
    return origin == null || origin.equals(ownOrigin(request));
  }

  private static String ownOrigin(HttpServletRequest request) {
    String host = request.getHeader(HttpHeaders.HOST);
    return host == null ? "" : request.getScheme() + "://" + host;
  }

  private static boolean isForm(HttpServletRequest request) {
    String type = request.getContentType();
    return type != null
        && request.getRequestURI().startsWith(request.getContextPath() + "/api/")
        && FORMS.contains(type.split(";")[0].strip().toLowerCase(Locale.ROOT));
  }
}

package io.belay.security;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import org.springframework.security.web.RedirectStrategy;

/** Redirects to a path of Belay's, whatever host the request named. */
final class RelativeRedirects implements RedirectStrategy {

  @Override
  public void sendRedirect(HttpServletRequest request, HttpServletResponse response, String url)
      throws IOException {
    URI target = URI.create(url);
    // Two slashes at the beginning would name another host.
    String path = target.getRawPath().replaceFirst("^/*", "/");
    response.sendRedirect(target.getRawQuery() == null ? path : path + "?" + target.getRawQuery());
  }
}

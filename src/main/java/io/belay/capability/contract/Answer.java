package io.belay.capability.contract;

import io.belay.target.HttpProbe;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.springframework.lang.Nullable;

/**
 * What a service answered, now or when it was recorded.
 *
 * @param headers by name in lower case; null when they were not recorded
 * @param contentType empty when it is not known
 */
record Answer(
    int status, @Nullable Map<String, List<String>> headers, String contentType, byte[] body) {

  private static final Set<String> ADDRESSES = Set.of("location", "content-location");

  /**
   * @param service that answered: where an answer refers to it by its address, the address is left
   *     out, for that of the other service is another
   */
  static Answer of(HttpProbe.Answer answer, URI service) {
    return new Answer(
        answer.status(),
        headers(answer.headers().map(), service.toString()),
        answer.headers().firstValue("Content-Type").orElse(""),
        answer.content().bytes());
  }

  /** By name in lower case, without that service's address. */
  static Map<String, List<String>> headers(Map<String, List<String>> given, String service) {
    Map<String, List<String>> headers = new TreeMap<>();
    given.forEach(
        (written, values) -> {
          String name = written.toLowerCase(Locale.ROOT);
          headers.put(
              name,
              ADDRESSES.contains(name)
                  ? values.stream().map(value -> without(service, value)).toList()
                  : values);
        });
    return headers;
  }

  private static String without(String service, String address) {
    boolean own =
        address.startsWith(service)
            && (address.length() == service.length()
                || "/?#".indexOf(address.charAt(service.length())) >= 0);
    return own ? address.substring(service.length()) : address;
  }
}

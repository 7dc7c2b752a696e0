package io.belay.command;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The known keys of a host, as fingerprints ({@code SHA256:…}, like OpenSSH's). */
record HostKeys(Set<String> fingerprints) {

  private static final Pattern FINGERPRINT = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");
  private static final Pattern LINE =
      Pattern.compile(
          "(?:\\S+\\s+)?(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-\\S+\\s+([A-Za-z0-9+/]+={0,2})(?:\\s.*)?");

  static HostKeys of(HostTarget target) {
    return new HostKeys(
        target.hostKeys().stream()
            .map(key -> fingerprint(key).orElseThrow())
            .collect(Collectors.toUnmodifiableSet()));
  }

  /**
   * @param written a fingerprint, a line of known_hosts, or the content of a {@code .pub} file
   * @return empty when it is none of them
   */
  static Optional<String> fingerprint(String written) {
    String text = written.strip();
    if (FINGERPRINT.matcher(text).matches()) {
      return Optional.of(text);
    }
    Matcher line = LINE.matcher(text);
    try {
      return line.matches() && !text.startsWith("@")
          ? Optional.of(sha256(Base64.getDecoder().decode(line.group(1))))
          : Optional.empty();
    } catch (IllegalArgumentException noBase64) {
      return Optional.empty();
    }
  }

  private static String sha256(byte[] key) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(key);
      return "SHA256:" + Base64.getEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}

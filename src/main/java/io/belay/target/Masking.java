package io.belay.target;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Replaces secrets in text by {@link Secret#MASK} before it leaves Belay: as they are, URL-encoded,
 * and in base64 (at any offset, as in a basic authentication header). Secrets of fewer than four
 * characters are not masked, since that would hide half of every sentence. Immutable and safe for
 * use by many threads.
 */
public final class Masking {

  /** Masks nothing. */
  public static final Masking NONE = new Masking(Set.of());

  private static final int SHORTEST = 4;

  /** A line of a multi-line secret, or a base64 form, is masked only if at least this long. */
  private static final int SHORTEST_PART = 8;

  private final Pattern pattern;
  private final int longest;

  private Masking(Set<String> forms) {
    this.pattern =
        forms.isEmpty()
            ? null
            : Pattern.compile(
                forms.stream()
                    .sorted(Comparator.comparing(String::length).reversed())
                    .map(Pattern::quote)
                    .collect(Collectors.joining("|")));
    this.longest = forms.stream().mapToInt(String::length).max().orElse(0);
  }

  /** Masks all secrets of all targets of an environment. */
  public static Masking of(Environment environment) {
    return of(
        environment.targets().values().stream()
            .flatMap(target -> target.secrets().stream())
            .toList());
  }

  public static Masking of(Collection<Secret> secrets) {
    Set<String> forms = new LinkedHashSet<>();
    for (Secret secret : secrets) {
      String value = secret.reveal();
      if (value.length() >= SHORTEST) {
        addForms(value, forms);
      }
    }
    return forms.isEmpty() ? NONE : new Masking(forms);
  }

  private static void addForms(String value, Set<String> forms) {
    forms.add(value);
    String encoded = URLEncoder.encode(value, StandardCharsets.UTF_8);
    forms.add(encoded);
    forms.add(encoded.replace("+", "%20"));
    value
        .lines() // text is masked line by line
        .map(String::strip)
        .filter(line -> line.length() >= SHORTEST_PART)
        .forEach(forms::add);
    for (int offset = 0; offset < 3; offset++) {
      String inner = base64Inner(value, offset);
      if (inner.length() >= SHORTEST_PART || offset == 0 && inner.length() >= SHORTEST) {
        forms.add(inner);
        forms.add(inner.replace('+', '-').replace('/', '_'));
      }
    }
    forms.add(Base64.getEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8)));
  }

  /** The base64 characters that depend on the value alone, not on what precedes or follows it. */
  private static String base64Inner(String value, int offset) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    byte[] shifted = new byte[offset + bytes.length];
    System.arraycopy(bytes, 0, shifted, offset, bytes.length);
    String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
    int first = (offset * 8 + 5) / 6;
    int last = shifted.length * 8 / 6;
    return first < last ? encoded.substring(first, last) : "";
  }

  /** The text with every known secret replaced; null stays null. */
  public String mask(String text) {
    return text == null || pattern == null
        ? text
        : pattern.matcher(text).replaceAll(Matcher.quoteReplacement(Secret.MASK));
  }

  /**
   * Length of the longest text that is masked; a cut less than this after a secret's start may show
   * part of it.
   */
  public int longest() {
    return longest;
  }
}

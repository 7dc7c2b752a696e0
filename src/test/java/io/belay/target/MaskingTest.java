package io.belay.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.belay.capability.notify.WebhookTarget;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingTest {

  private static final String PASSWORD = "p ä$s/w+o:rd?";
  private final Masking masking = Masking.of(List.of(Secret.of(PASSWORD), Secret.of("abc")));

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void secret_isMaskedWhereverItStands() {
    assertThat(masking.mask(PASSWORD + " and " + PASSWORD)).isEqualTo("****** and ******");
    assertThat(masking.mask(URLEncoder.encode(PASSWORD, StandardCharsets.UTF_8)))
        .isEqualTo("******");
    assertThat(masking.mask(base64(PASSWORD))).startsWith("******").hasSizeLessThan(9);
  }

  @ParameterizedTest
  @ValueSource(strings = {"u:", "us:", "use:", "user:"})
  void secretInsideABasicAuthenticationHeader_isMasked(String user) {
    String header = base64(user + PASSWORD + "tail");
    String masked = masking.mask(header);

    assertThat(masked).contains("******");
    String gap = "A".repeat(header.length() - masked.length() + Secret.MASK.length());
    byte[] rest = Base64.getDecoder().decode(masked.replace(Secret.MASK, gap));
    assertThat(new String(rest, StandardCharsets.ISO_8859_1)).doesNotContain("s/w", "ord");
  }

  @Test
  void linesOfAPrivateKey_areMaskedOneByOne() {
    Masking key = Masking.of(List.of(Secret.of("-----BEGIN KEY-----\nMIIabcdef123\n")));
    assertThat(key.mask("found MIIabcdef123 there")).isEqualTo("found ****** there");
  }

  @Test
  void shortOrAbsentSecrets_maskNothing() {
    assertThat(masking.mask("abc d")).isEqualTo("abc d");
    assertThat(masking.mask(null)).isNull();
    assertThat(Masking.of(List.of(Secret.none()))).isSameAs(Masking.NONE);
    assertThat(Masking.NONE.mask("text")).isEqualTo("text");
  }

  @Test
  void secretThatContainsAnother_isMaskedWhole() {
    Masking both = Masking.of(List.of(Secret.of("hunter"), Secret.of("hunter22")));
    assertThat(both.mask("hunter22 hunter")).isEqualTo("****** ******");
  }

  @Test
  void secretsOfAllTargetsAndTheirCommands_areMasked() {
    Map<String, Target> targets = new LinkedHashMap<>();
    targets.put(
        "tests",
        CommandTarget.of(
            new Command(List.of("true"), null, Map.of("KEY", Secret.of("k3y-value")), null)));
    targets.put(
        "notifications", new WebhookTarget(Secret.of("https://hooks/T1"), null, null, false));
    Masking environment = Masking.of(new Environment("test", "", targets));

    assertThat(environment.mask("k3y-value https://hooks/T1")).isEqualTo("****** ******");
  }
}

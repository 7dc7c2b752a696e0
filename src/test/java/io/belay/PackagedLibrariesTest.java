package io.belay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.util.Properties;
import org.apache.commons.lang3.ClassUtils;
import org.junit.jupiter.api.Test;

/** Libraries that Belay brings with it only because others need them. */
class PackagedLibrariesTest {

  /** CVE-2025-48924: before 3.18, a long class name overflows the stack. */
  @Test
  void commonsLang_isNotVulnerable() throws Exception {
    Properties lang = new Properties();
    try (InputStream file =
        ClassUtils.class.getResourceAsStream(
            "/META-INF/maven/org.apache.commons/commons-lang3/pom.properties")) {
      lang.load(file);
    }
    String[] version = lang.getProperty("version").split("\\.");
    assertThat(Integer.parseInt(version[0])).isEqualTo(3);
    assertThat(Integer.parseInt(version[1])).isGreaterThanOrEqualTo(18);
  }
}

package io.belay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.2, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "10.1.2.128/25, 10.1.2.127, false",
    "10.1.2.128/25, 10.1.2.200, true",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, ::1, false",
    "fd00::/8, fd12::1, true",
    "fd00::/8, fe80::1, false",
    "::1, ::1, true"
  })
  void aNetwork_holdsItsAddresses(String network, String peer, boolean contained) {
    assertThat(new TrustedProxies(List.of(network)).contains(new InetSocketAddress(peer, 1)))
        .isEqualTo(contained);
  }

  @Test
  void nobodyIsTrustedByDefault() {
    assertThat(new TrustedProxies(List.of()).contains(new InetSocketAddress("127.0.0.1", 1)))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"proxy.local", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/8/8", "/8", ""})
  void whatIsNoNetwork_isRefusedByName(String text) {
    assertThatThrownBy(() -> new TrustedProxies(List.of(text)))
        .hasMessageContaining("trustedProxies: '" + text + "'");
  }
}

package io.belay.face.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Belay without settings of a provider. */
@WebTest
class WithoutOidcTest {

  @Autowired Caller caller;

  @Test
  void nothingOfALoginByAProvider_isThere() throws Exception {
    Session session = new Session(caller);
    assertThat(session.get("/login").body()).contains("password").doesNotContain("oauth2");
    for (String path :
        new String[] {"/oauth2/authorization/oidc", "/login/oauth2/code/oidc?code=a&state=b"}) {
      var asNobody = session.get(path);
      assertThat(asNobody.statusCode()).isEqualTo(302);
      assertThat(asNobody.headers().firstValue("Location").orElseThrow()).endsWith("/login");
      assertThat(caller.get("vera", path).status()).isEqualTo(404);
    }
  }
}

package io.belay.security;

import com.nimbusds.jose.jwk.RSAKey;
import java.util.List;
import java.util.Optional;

/** The keys that sign and verify tokens. Each has the thumbprint of RFC 7638 as its id. */
interface TokenKeys {

  /** The key that signs now; with its private part. */
  RSAKey signing();

  /** The key of that id, if tokens signed by it still count. */
  Optional<RSAKey> find(String id);

  /** All keys whose tokens count. */
  List<RSAKey> all();

  /**
   * Replaces the signing key.
   *
   * @param revoke whether tokens of earlier keys are refused at once (on other nodes within half a
   *     minute), instead of counting until they end
   * @return id of the new key
   * @throws TokenRefused when the keys come from the configuration
   */
  String rotate(boolean revoke);
}

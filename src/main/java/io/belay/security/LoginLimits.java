package io.belay.security;

import io.belay.journal.OneLine;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slows down those who guess passwords, and nobody else. After a wrong password, the address must
 * wait before its next attempt at that account: 3 s, doubled each time, at most a minute. All other
 * addresses can still log in to the account. An address that sent 100 wrong passwords in 15
 * minutes, for whatever accounts, gets in only where it got in before; and while an account is
 * attacked from many addresses, each wrong password costs its address the whole minute.
 *
 * <p>Kept in memory, separately on each node.
 */
final class LoginLimits {

  static final Duration WINDOW = Duration.ofMinutes(15);
  static final int MOST_OF_AN_ADDRESS = 100;
  static final int MANY_FOR_AN_ACCOUNT = 50;

  private static final Logger log = LoggerFactory.getLogger(LoginLimits.class);
  private static final Duration FIRST_WAIT = Duration.ofSeconds(3);
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);
  private static final int MOST_REMEMBERED = 10_000;

  /** Wrong passwords since {@code from}, the last one at {@code last}. */
  private record Tries(int wrong, Instant from, Instant last, boolean gotIn) {}

  private final Clock clock;
  private final Map<String, Tries> pairs = bounded();
  private final Map<String, Tries> accounts = bounded();
  private final Map<String, Tries> addresses = bounded();
  private final Object[] locks = new Object[64];

  LoginLimits(Clock clock) {
    this.clock = clock;
    for (int i = 0; i < locks.length; i++) {
      locks[i] = new Object();
    }
  }

  /**
   * Checks the password, unless that address has to wait: then the answer is false. Passwords from
   * one address are checked one at a time, so that a burst cannot evade the limit.
   */
  boolean isRight(String account, String address, BooleanSupplier check) {
    String network = network(address);
    synchronized (locks[Math.floorMod(network.hashCode(), locks.length)]) {
      if (waiting(account, address).isPresent()) {
        return false;
      }
      boolean right = check.getAsBoolean();
      remember(account, network, right);
      return right;
    }
  }

  /** How long that address must wait until its next password for that account is checked. */
  synchronized Optional<Duration> waiting(String account, String address) {
    Instant now = clock.instant();
    String network = network(address);
    Tries pair = current(pairs.get(pair(account, network)), now);
    Tries all = current(addresses.get(network), now);
    Instant end = now;
    if (pair.wrong() > 0) {
      end = pair.last().plus(delay(pair, current(accounts.get(account), now)));
    }
    if (all.wrong() >= MOST_OF_AN_ADDRESS && !pair.gotIn()) {
      end = all.from().plus(WINDOW);
    }
    return end.isAfter(now) ? Optional.of(Duration.between(now, end)) : Optional.empty();
  }

  /** An administrator unlocked the account: nobody waits for it any more. */
  synchronized void forget(String account) {
    accounts.remove(account);
    pairs.keySet().removeIf(pair -> pair.startsWith(account + '\n'));
  }

  private static Duration delay(Tries pair, Tries account) {
    if (account.wrong() >= MANY_FOR_AN_ACCOUNT || pair.wrong() > 5) {
      return LONGEST_WAIT;
    }
    return FIRST_WAIT.multipliedBy(1L << (pair.wrong() - 1));
  }

  private synchronized void remember(String account, String network, boolean right) {
    Instant now = clock.instant();
    String key = pair(account, network);
    if (right) {
      pairs.put(key, new Tries(0, now, now, true));
      return;
    }
    pairs.put(key, oneMore(pairs.get(key), now));
    if (accounts.merge(account, oneMore(null, now), (old, one) -> oneMore(old, now)).wrong()
        == MANY_FOR_AN_ACCOUNT) {
      log.warn("Somebody guesses the password of {}, last from {}", OneLine.of(account), network);
    }
    if (addresses.merge(network, oneMore(null, now), (old, one) -> oneMore(old, now)).wrong()
        == MOST_OF_AN_ADDRESS) {
      log.warn("{} gave {} wrong passwords and has to wait", network, MOST_OF_AN_ADDRESS);
    }
  }

  private static Tries oneMore(Tries known, Instant now) {
    Tries tries = current(known, now);
    return new Tries(tries.wrong() + 1, tries.from(), now, tries.gotIn());
  }

  private static Tries current(Tries known, Instant now) {
    if (known == null) {
      return new Tries(0, now, now, false);
    }
    return known.from().plus(WINDOW).isAfter(now) ? known : new Tries(0, now, now, known.gotIn());
  }

  private static String pair(String account, String network) {
    return account + '\n' + network;
  }

  /** One household or server has all addresses of an IPv6 network of 64 bits. */
  private static String network(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      byte[] bytes = InetAddress.getByName(address.replaceFirst("%.*", "")).getAddress();
      return bytes.length == 16 ? HexFormat.of().formatHex(bytes, 0, 8) : address;
    } catch (UnknownHostException e) {
      return address;
    }
  }

  private static <T> Map<String, T> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
        return size() > MOST_REMEMBERED;
      }
    };
  }
}

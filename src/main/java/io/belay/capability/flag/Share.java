package io.belay.capability.flag;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.belay.step.WrittenText;
import io.belay.target.Weight;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who gets the new version: {@code on} (everybody), {@code off} (nobody), or a percentage such as
 * {@code 25} or {@code 0.05}. Also a fraction in program notation, {@code int(0.25*100)}.
 */
public final class Share extends WrittenText {

  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final Pattern LINE =
      Pattern.compile("int\\(\\s*(\\d{1,9}(?:\\.\\d{1,9})?)\\s*\\*\\s*100\\s*\\)");

  private final String fraction;
  private final Weight weight;

  private Share(String text) {
    super(text);
    Matcher line = LINE.matcher(text);
    this.fraction = line.matches() ? line.group(1) : null;
    if (isOn() || isOff()) {
      this.weight = isOn() ? Weight.ALL : Weight.NONE;
    } else {
      this.weight = fraction == null ? percent(text) : weight(fraction);
    }
  }

  private static Weight percent(String text) {
    try {
      return Weight.valueOf(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "must be on, off or a percentage: it " + e.getMessage(), e);
    }
  }

  private static Weight weight(String fraction) {
    BigDecimal part = new BigDecimal(fraction);
    if (part.compareTo(BigDecimal.ONE) > 0) {
      throw new IllegalArgumentException(
          "must be a fraction from 0 to 1 in int(…*100), where %s means %s percent"
              .formatted(fraction, part.multiply(HUNDRED).stripTrailingZeros().toPlainString()));
    }
    return Weight.of(part.multiply(HUNDRED));
  }

  /**
   * @throws IllegalArgumentException naming the rule that it breaks
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Share valueOf(String text) {
    return new Share(text.strip());
  }

  boolean isOn() {
    return text().equals("on");
  }

  boolean isOff() {
    return text().equals("off");
  }

  /** Of users who have a key. */
  Weight weight() {
    return weight;
  }

  /** How this flag differs from a program with {@code hash(user + name) % 100 < int(p*100)}. */
  List<String> differences() {
    if (fraction == null) {
      return List.of();
    }
    int there = (int) (Double.parseDouble(fraction) * 100);
    return List.of(
        "int(%s*100) is %d in floating point, so a program with that line takes %d %%; here it is %s %%"
            .formatted(fraction, there, there, weight),
        "hash(user + name) % 100 has steps of 1 %, here 0.01 %; and without a separator, user 1 of flag 2x and user 12 of flag x hash alike",
        "that line selects other users than this flag's algorithm does: changing to it during a rollout moves some users back to the old version");
  }
}

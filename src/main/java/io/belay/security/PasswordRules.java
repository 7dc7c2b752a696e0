package io.belay.security;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.stream.Stream;
import org.camunda.bpm.engine.BadUserRequestException;
import org.camunda.bpm.engine.identity.PasswordPolicy;
import org.camunda.bpm.engine.identity.PasswordPolicyRule;
import org.camunda.bpm.engine.identity.User;
import org.camunda.bpm.engine.impl.cmd.SaveUserCmd;
import org.camunda.bpm.engine.impl.context.Context;

/**
 * What a password must be, wherever it is set: in the configuration, in Camunda Admin, by REST. The
 * engine checks them before it saves a password; Camunda Admin shows them.
 */
final class PasswordRules implements PasswordPolicy {

  static final int SHORTEST = 12;

  private static final Set<String> WELL_KNOWN =
      Set.of("viewer", "operator", "approver", "admin", "administrator", "password", "belay");

  private static final List<PasswordPolicyRule> RULES =
      List.of(
          new Rule(
              "PASSWORD_POLICY_LENGTH",
              Map.of("minLength", Integer.toString(SHORTEST)),
              "must have at least %d characters".formatted(SHORTEST),
              (password, user) -> password.length() >= SHORTEST),
          new Rule(
              "PASSWORD_POLICY_USER_DATA",
              Map.of(),
              "must not hold the user's name or address",
              (password, user) -> !holdsDataOf(user, lower(password))),
          new Rule(
              "no default such as password1234",
              Map.of(),
              "must not be a default",
              (password, user) -> !WELL_KNOWN.contains(lower(password).replaceAll("[^a-z]", ""))));

  /**
   * @param placeholder the key of the webapps' text, or the text itself where they have none
   * @param parameters of the webapps' text
   */
  private record Rule(
      String placeholder,
      Map<String, String> parameters,
      String sentence,
      BiPredicate<String, User> kept)
      implements PasswordPolicyRule {

    @Override
    public String getPlaceholder() {
      return placeholder;
    }

    @Override
    public Map<String, String> getParameters() {
      return parameters;
    }

    @Override
    public boolean execute(String password) {
      return execute(password, null);
    }

    /**
     * @throws BadUserRequestException when the password was about to be saved; the engine itself
     *     would report a failure
     */
    @Override
    public boolean execute(String password, User user) {
      boolean good = kept.test(password, user);
      var command = Context.getCommandInvocationContext();
      if (!good && command != null && command.getCommand() instanceof SaveUserCmd) {
        throw new BadUserRequestException("The password was not set: it " + sentence + ".");
      }
      return good;
    }
  }

  @Override
  public List<PasswordPolicyRule> getRules() {
    return RULES;
  }

  static boolean areKept(String password, User user) {
    return RULES.stream().allMatch(rule -> rule.execute(password, user));
  }

  private static boolean holdsDataOf(User user, String password) {
    return user != null
        && Stream.of(user.getId(), user.getFirstName(), user.getLastName(), user.getEmail())
            .filter(data -> data != null && !data.isBlank())
            .anyMatch(data -> password.contains(lower(data)));
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}

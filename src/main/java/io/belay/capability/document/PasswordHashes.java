package io.belay.capability.document;

import java.util.List;
import java.util.regex.Pattern;

/** The formats in which libraries keep password hashes; anything else may be a password. */
final class PasswordHashes {

  private static final String BASE64 = "[A-Za-z0-9+/._-]{8,}={0,2}";

  private static final List<Pattern> FORMATS =
      List.of(
          // bcrypt
          Pattern.compile("\\$2[abxy]\\$(0[4-9]|[12]\\d|3[01])\\$[./A-Za-z0-9]{53}"),
          // argon2, PHC format
          Pattern.compile(
              "\\$argon2(id|i|d)\\$(v=\\d+\\$)?m=\\d+,t=\\d+,p=\\d+(,[a-z]+=[A-Za-z0-9+/]+)*\\$%s\\$%s"
                  .formatted(BASE64, BASE64)),
          // scrypt: PHC format, crypt(3), Werkzeug
          Pattern.compile("\\$scrypt\\$ln=\\d+,r=\\d+,p=\\d+\\$%s\\$%s".formatted(BASE64, BASE64)),
          Pattern.compile("\\$7\\$[./A-Za-z0-9]{11,}\\$[./A-Za-z0-9]{43}"),
          Pattern.compile("scrypt:\\d+:\\d+:\\d+\\$[^$]{8,}\\$[0-9a-f]{64,}"),
          // PBKDF2: PHC format, Django, Werkzeug
          Pattern.compile(
              "\\$pbkdf2(-sha\\d+)?\\$(i=)?\\d+(,l=\\d+)?\\$%s\\$%s".formatted(BASE64, BASE64)),
          Pattern.compile("pbkdf2_sha\\d+\\$\\d+\\$[^$]{8,}\\$%s".formatted(BASE64)),
          Pattern.compile("pbkdf2:sha\\d+:\\d+\\$[^$]{8,}\\$[0-9a-f]{40,}"));

  private PasswordHashes() {}

  static boolean recognises(String text) {
    return FORMATS.stream().anyMatch(format -> format.matcher(text).matches());
  }
}

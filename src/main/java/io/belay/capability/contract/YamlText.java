package io.belay.capability.contract;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML into maps, lists and values as JSON has them: a date, {@code no}, {@code 12:30} and
 * {@code 007} are texts, and numbers keep all their digits. Aliases of maps and lists are refused.
 */
final class YamlText {

  private YamlText() {}

  /**
   * @throws org.yaml.snakeyaml.error.YAMLException when the text is no YAML, or has a key twice
   */
  static Object read(String text, int mostCharacters) {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    options.setMaxAliasesForCollections(0);
    options.setCodePointLimit(mostCharacters);
    DumperOptions unused = new DumperOptions();
    return new Yaml(new Values(options), new Representer(unused), unused, options, new Scalars())
        .load(text);
  }

  private static final class Scalars extends Resolver {

    private static final String INTEGER = "-?(0|[1-9][0-9]*)";
    private static final String DIGITS = "-0123456789";

    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.NULL, Pattern.compile("^(null|~|)$"), "n~\0");
      addImplicitResolver(Tag.BOOL, Pattern.compile("^(true|false)$"), "tf");
      addImplicitResolver(Tag.INT, Pattern.compile("^" + INTEGER + "$"), DIGITS);
      addImplicitResolver(
          Tag.FLOAT, Pattern.compile("^" + INTEGER + "(\\.[0-9]+)?([eE][-+]?[0-9]+)?$"), DIGITS);
    }
  }

  private static final class Values extends SafeConstructor {

    Values(LoaderOptions options) {
      super(options);
      yamlConstructors.put(Tag.INT, new Scalar(BigInteger::new));
      yamlConstructors.put(Tag.FLOAT, new Scalar(BigDecimal::new));
    }
  }

  private static final class Scalar extends AbstractConstruct {

    private final Function<String, Object> read;

    Scalar(Function<String, Object> read) {
      this.read = read;
    }

    @Override
    public Object construct(Node node) {
      return read.apply(((ScalarNode) node).getValue());
    }
  }
}

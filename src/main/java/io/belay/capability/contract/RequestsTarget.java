package io.belay.capability.contract;

import io.belay.target.Described;
import io.belay.target.Target;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.springframework.boot.context.properties.bind.DefaultValue;

/** Recorded requests, and how their answers are compared ({@code type: requests}). */
@Described(
    "Recorded requests for a [contract check](gates.md#contract-check), and how their answers are compared. A path is a JSON pointer in which `*` stands for any one step and `**` for any number of them: `/items/*/id`, `/**/updatedAt`.")
public record RequestsTarget(
    @Described("a HAR file, an OpenAPI 3 document with examples, or a list in YAML or JSON")
        @NotNull
        Path file,
    @Described(
            "of a HAR file: the address of the service when it was recorded; requests to others are left out. What follows it is the path. Needed when the file has requests to several")
        URI recordedAt,
    @Described("names of the response headers that are compared") @DefaultValue("content-type")
        List<String> headers,
    @Described(
            "paths, and names of headers, whose values change from answer to answer (ids, dates): that they are there is compared, and their type, but not their value")
        @DefaultValue
        List<String> varying,
    @Described("paths that are not compared at all") @DefaultValue List<String> ignored,
    @Described("paths of arrays whose order does not matter") @DefaultValue List<String> unordered)
    implements Target {

  @Override
  public String describe() {
    return "requests in " + file;
  }

  @Override
  public List<Path> reads() {
    return List.of(file);
  }

  @Override
  public boolean isInstruction() {
    return true;
  }
}

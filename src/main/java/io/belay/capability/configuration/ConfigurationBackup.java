package io.belay.capability.configuration;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.belay.capability.configuration.ConfigurationFile.State;
import io.belay.target.StrictJson;
import io.belay.target.TargetException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A backup of configuration files: a zip with each file under its absolute path ({@code unzip -d /}
 * restores the content by hand), and first a manifest with hash, mode and owner of each, and with
 * what did not exist.
 */
final class ConfigurationBackup {

  static final String MANIFEST = "BELAY-MANIFEST.json";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private static final ObjectMapper STRICT = StrictJson.over(JSON);

  /**
   * @param files by absolute path
   * @param absent configured paths at which there was nothing
   * @param directories configured paths that were directories, backed up with all in them
   */
  record Manifest(Map<String, State> files, List<String> absent, List<String> directories) {}

  private final Manifest manifest;
  private final Map<String, byte[]> contents;

  private ConfigurationBackup(Manifest manifest, Map<String, byte[]> contents) {
    this.manifest = manifest;
    this.contents = contents;
  }

  /** Of the files as they are now. */
  static ConfigurationBackup of(ConfigurationPaths paths) throws IOException {
    Map<String, State> states = new TreeMap<>();
    Map<String, byte[]> contents = new HashMap<>();
    List<String> absent = new ArrayList<>(paths.absent().stream().map(Path::toString).toList());
    for (Path path : paths.files()) {
      ConfigurationFile file = ConfigurationFile.read(path).orElse(null);
      if (file == null) {
        absent.add(path.toString());
      } else {
        states.put(path.toString(), file.state());
        contents.put(path.toString(), file.content());
      }
    }
    return new ConfigurationBackup(
        new Manifest(states, absent, paths.directories().stream().map(Path::toString).toList()),
        contents);
  }

  /**
   * @throws TargetException when it is damaged: a file is missing or is not what the manifest says
   */
  static ConfigurationBackup read(InputStream in) throws IOException {
    Manifest manifest = null;
    Map<String, byte[]> contents = new HashMap<>();
    try (ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        byte[] bytes = zip.readAllBytes();
        if (entry.getName().equals(MANIFEST)) {
          manifest = StrictJson.read(STRICT, bytes, Manifest.class);
        } else {
          contents.put("/" + entry.getName(), bytes);
        }
      }
      in.transferTo(OutputStream.nullOutputStream()); // to the end, where tampering shows
    }
    if (manifest == null) {
      throw new TargetException("the configuration backup has no manifest; nothing was changed");
    }
    manifest
        .files()
        .forEach(
            (path, state) -> {
              byte[] bytes = contents.get(path);
              if (bytes == null || !Digests.sha256(bytes).equals(state.sha256())) {
                throw new TargetException(
                    "the configuration backup of %s is damaged; nothing was changed"
                        .formatted(path));
              }
            });
    return new ConfigurationBackup(manifest, contents);
  }

  Manifest manifest() {
    return manifest;
  }

  byte[] content(String path) {
    return contents.get(path);
  }

  void writeTo(OutputStream out) throws IOException {
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.putNextEntry(new ZipEntry(MANIFEST));
    zip.write(JSON.writeValueAsBytes(manifest));
    zip.closeEntry();
    for (String path : manifest.files().keySet()) {
      zip.putNextEntry(new ZipEntry(path.substring(1)));
      zip.write(contents.get(path));
      zip.closeEntry();
    }
    zip.finish();
  }
}

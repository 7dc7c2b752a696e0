package io.belay.model;

import io.belay.playground.Chromium;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.openqa.selenium.chrome.ChromeDriver;

/**
 * Draws every process below {@code processes/} as {@code docs/pictures/<name>.png}, the way the run
 * page draws it: with bpmn-js in a headless Chromium. Run it after changing a model:
 *
 * <pre>mvn test-compile exec:java -Dexec.mainClass=io.belay.model.DiagramPictures
 * -Dexec.classpathScope=test</pre>
 *
 * Names as arguments draw only these.
 */
public final class DiagramPictures {

  private static final Path PICTURES = Path.of("docs/pictures");
  private static final String BPMN_JS =
      "/static/belay/bpmn-js/bpmn-navigated-viewer.production.min.js";
  private static final int MARGIN = 20;

  private static final String DRAW =
      """
      const done = arguments[arguments.length - 1];
      document.body.innerHTML = '<div id="canvas" style="width:1000px;height:800px"></div>';
      const viewer = new BpmnJS({container: '#canvas'});
      viewer.importXML(arguments[0])
        .then(read => {
          if (read.warnings.length) { throw new Error(read.warnings.join('; ')); }
          return viewer.saveSVG();
        })
        .then(({svg}) => {
          document.body.innerHTML = svg; document.querySelector('svg').style.overflow = 'visible';
          const box = document.querySelector('svg').getBoundingClientRect();
          done([box.width, box.height]);
        })
        .catch(failure => done(String(failure)));
      """;

  private DiagramPictures() {}

  public static void main(String[] names) throws IOException {
    Files.createDirectories(PICTURES);
    ChromeDriver browser = Chromium.open(1200, 900);
    try {
      browser.get("data:text/html,<body style='margin:" + MARGIN + "px;background:white'></body>");
      browser.executeScript(resource(BPMN_JS));
      for (Path model :
          Stream.of("runbooks", "phases").flatMap(kind -> ModelFiles.in(kind).stream()).toList()) {
        if (names.length == 0 || List.of(names).contains(ModelFiles.nameOf(model))) {
          draw(browser, model);
        }
      }
    } finally {
      browser.quit();
    }
  }

  private static void draw(ChromeDriver browser, Path model) throws IOException {
    Object drawn = browser.executeAsyncScript(DRAW, Files.readString(model));
    if (!(drawn instanceof List<?> size)) {
      throw new IllegalStateException(model + " cannot be drawn: " + drawn);
    }
    Map<String, Object> area =
        Map.of(
            "x", 0,
            "y", 0,
            "width", Math.ceil(number(size.get(0))) + 2 * MARGIN,
            "height", Math.ceil(number(size.get(1))) + 2 * MARGIN,
            "scale", 1);
    Map<String, Object> picture =
        browser.executeCdpCommand(
            "Page.captureScreenshot",
            Map.of("format", "png", "captureBeyondViewport", true, "clip", area));
    Path file = PICTURES.resolve(ModelFiles.nameOf(model) + ".png");
    Files.write(file, Base64.getDecoder().decode((String) picture.get("data")));
    System.out.println(file);
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }

  private static String resource(String path) throws IOException {
    try (InputStream in = DiagramPictures.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

package io.belay.playground;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

/** The system's Chromium without a window, for tests in a browser and for pictures. */
public final class Chromium {

  private static final Path BROWSER = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

  private Chromium() {}

  /** Whether Debian's packages chromium and chromium-driver are installed. */
  public static boolean isHere() {
    return Files.isExecutable(BROWSER) && Files.isExecutable(DRIVER);
  }

  /**
   * @param width of the page, in pixels
   */
  public static ChromeDriver open(int width, int height) {
    ChromeOptions options = new ChromeOptions();
    options.addArguments(
        "--headless=new",
        "--hide-scrollbars",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=%d,%d".formatted(width, height));
    if (Files.isExecutable(BROWSER)) {
      options.setBinary(BROWSER.toString());
    }
    if ("root".equals(System.getProperty("user.name"))) {
      options.addArguments("--no-sandbox"); // Chromium refuses to start for root with it
    }
    var service = new ChromeDriverService.Builder();
    if (Files.isExecutable(DRIVER)) {
      service.usingDriverExecutable(DRIVER.toFile());
    }
    ChromeDriver browser = new ChromeDriver(service.build(), options);
    browser.manage().timeouts().scriptTimeout(Duration.ofSeconds(30));
    return browser;
  }
}

package io.belay;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the executor: engine, worker, web faces. */
@SpringBootApplication
public class Belay {

  public static void main(String[] args) {
    SpringApplication.run(Belay.class, args);
  }
}

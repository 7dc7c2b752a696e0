package io.belay;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.autoconfigure.mongo.MongoAutoConfiguration;
import org.springframework.scheduling.annotation.EnableScheduling;

/** Starts the executor: engine, worker, web faces. */
@SpringBootApplication(exclude = MongoAutoConfiguration.class) // a driver for targets, not for us
@EnableScheduling
public class Belay {

  public static void main(String[] args) {
    SpringApplication.run(Belay.class, args);
  }
}

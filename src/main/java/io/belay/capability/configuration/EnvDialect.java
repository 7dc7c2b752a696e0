package io.belay.capability.configuration;

/** Who reads an {@code .env} file: they agree neither on quotes nor on comments. */
public enum EnvDialect {
  /** The npm package dotenv, and those that follow it. */
  DOTENV,
  /** Docker Compose's {@code env_file}. */
  COMPOSE,
  /** systemd's {@code EnvironmentFile}. */
  SYSTEMD,
  /** A POSIX shell that sources the file. */
  SHELL
}
